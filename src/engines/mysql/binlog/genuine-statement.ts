/** What a server writes into a row-based binary log as statements: definitions, accounts, and the frame of transactions. */
const genuine =
  /^(?:begin|commit|rollback|savepoint|release|xa|create|alter|drop|rename|truncate|grant|revoke|analyze|optimize|repair|flush|set\s+(?:password|default\s+role))\b/i;

/** A function from a library of the server's machine; a lock that no server writes into its log. */
const library = /^create\s+(?:aggregate\s+)?function\b.*\bsoname\b/is;
const lock = /^flush\b.*\b(?:with\s+read\s+lock|for\s+export|binary|relay)\b/is;

const comment = /^(?:\s+|\/\*(?!!)[\s\S]*?\*\/|\/\*!\d*|(?:--\s|#)[^\n]*\n)/;

/**
 * Whether a server could have written this statement into its own log. What could not be (SET GLOBAL, SHUTDOWN, INSTALL,
 * LOAD DATA, SELECT … INTO OUTFILE) was put there by somebody else.
 */
export function isGenuineStatement(sql: string): boolean {
  const rest = withoutComments(sql);
  return genuine.test(rest) && !library.test(rest) && !lock.test(rest);
}

/** The statement from its first word on. */
export function withoutComments(sql: string): string {
  let rest = sql;
  for (let found = comment.exec(rest); found; found = comment.exec(rest)) rest = rest.slice(found[0].length);
  return rest;
}
