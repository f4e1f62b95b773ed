import { type CheckResult, Look } from '../../../model/check.ts';
import { countSecrets, type SecretSeals } from '../secrets/seals.ts';

/** Does the key at hand turn each stored secret into what it was? No question to the server can tell. */
export function checkSecrets(service: string, then: SecretSeals, now: SecretSeals, keyFrom: string): CheckResult {
  const look = new Look('secrets', service, 'columns with secrets', then.columns.length);
  const [expected, found] = [countSecrets(then), countSecrets(now)];
  const changed = then.columns.flatMap((column) => {
    look.sawOne();
    return changedIn(column, now);
  });
  look.compare(`secrets opened by secret_key (of ${keyFrom})`, expected.opened, expected.opened - changed.length);
  // They are not skipped silently: that they are the same bytes is all that can be said.
  if (expected.unopened.length > 0) {
    const same = expected.unopened.filter(({ where, sha256 }) =>
      found.unopened.some((s) => s.where === where && s.sha256 === sha256),
    );
    look.compare(
      'secrets that secret_key did not open when they were backed up, kept unchanged',
      expected.unopened.length,
      same.length,
    );
    if (same.length < expected.unopened.length)
      look.fail({ sentence: `${service}: secrets that could not be opened have changed` });
  }
  // Plain ones are sealed by the same key: when all differ, it is the key.
  if (changed.length > 0 && changed.length === expected.opened) {
    const sentence = `${service}: the secret_key of ${keyFrom} is not the one with which the secrets were stored: none of ${expected.opened} can be used`;
    return look.fail({ sentence, expected: `${expected.opened} secrets`, found: '0 of them' }).result();
  }
  for (const where of changed) look.fail({ sentence: `${service}: the secret of ${where} is not what it was` });
  return look.result();
}

function changedIn({ column, secrets }: SecretSeals['columns'][number], now: SecretSeals): string[] {
  const there = now.columns.find((each) => each.column === column);
  const found = new Map(there?.secrets.map(({ where, hmac }) => [where, hmac]));
  return secrets.filter(({ where, hmac }) => found.get(where) !== hmac).map(({ where }) => where);
}
