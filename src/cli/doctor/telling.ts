import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Diagnosis } from '../../engines/engine.ts';
import { probe } from '../../notify/smtp.ts';
import { channelsOf } from '../channels.ts';
import { ok, problem } from './examine.ts';

/** Whether mail would be taken, and metrics could be written. Nothing is sent, and no observer is pinged: it would believe it. */
export async function diagnoseTelling(config: Config): Promise<Diagnosis[]> {
  const { mail, textfile, webhook, pings } = await channelsOf(config);
  const findings: Diagnosis[] = [];
  if (mail) {
    await probe(mail.server);
    const { host, port, login, tls } = mail.server;
    const how = login ? `lets ${login.user} log in` : 'answers';
    findings.push(
      ok(`the mail server ${host}:${port} ${how}${tls === 'starttls' || tls === 'implicit' ? ' over TLS' : ''}`),
    );
  }
  if (textfile !== undefined) findings.push(await diagnoseTextfile(textfile));
  const others = [...(webhook ? ['webhook'] : []), ...Object.keys(pings).map((job) => `pings of ${job}`)];
  if (others.length > 0) findings.push(ok(`not tried, for they would be believed: ${others.join(', ')}`));
  return findings;
}

async function diagnoseTextfile(file: string): Promise<Diagnosis> {
  const folder = dirname(file);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return ok(`metrics can be written to ${file}`);
  } catch {
    return problem(`metrics cannot be written to ${file}`, `Make ${folder}, and let this user write there.`);
  }
}
