import type { Secret } from '../../../model/secret.ts';

/** Of Grafana's own defaults.ini; used wherever nobody has set another one. Public knowledge, thus no secret. */
export const grafanasDefaultKey = 'SW2YcwTIb9zpOOhoPsMm';

export interface SecretKey {
  value: string;
  /** For sentences: `the configuration`, `grafana.ini`, `Grafana's default`. */
  from: string;
}

/** The key of a service: as configured, else as in the grafana.ini that was backed up, else Grafana's default. */
export function chooseSecretKey(configured: Secret | undefined, iniText: string | undefined): SecretKey {
  if (configured) return { value: configured.reveal(), from: 'the configuration' };
  const found = iniText === undefined ? undefined : secretKeyIn(iniText);
  if (found !== undefined) return { value: found, from: 'the grafana.ini that was backed up' };
  return { value: grafanasDefaultKey, from: "Grafana's default" };
}

/** `secret_key` of the section `[security]`; undefined where it is not set, or is a reference (`$__file{…}`, `${…}`). */
export function secretKeyIn(iniText: string): string | undefined {
  let section = '';
  let found: string | undefined;
  for (const line of iniText.split(/\r?\n/)) {
    section = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim() ?? section;
    const value = /^\s*secret_key\s*[=:]\s*(.*?)\s*$/.exec(line)?.[1];
    if (section === 'security' && value !== undefined) found = unquoted(value);
  }
  return found === undefined || found === '' || /^\$(__\w+)?\{/.test(found) ? undefined : found;
}

/** Triple double quotes, backquotes, or plain, as Grafana's ini library takes them; a comment may follow plain text. */
function unquoted(value: string): string {
  const [, triple, single, back] = /^(?:"""(.*)"""|"(.*)"|`(.*)`)$/.exec(value) ?? [];
  return triple ?? single ?? back ?? value.replace(/\s+[;#].*$/, '');
}
