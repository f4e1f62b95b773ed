/** What a server writes into a row-based binary log as statements: definitions, accounts, and the frame of transactions. */
const genuine =
  /^(?:begin|commit|rollback|savepoint|release|xa|create|alter|drop|rename|truncate|grant|revoke|analyze|optimize|repair|flush\s+(?:privileges|tables?)|set\s+(?:password|default\s+role))\b/i;

/** A function from a library of the server's machine. */
const library = /\bsoname\b/i;

const comment = /^(?:\s+|\/\*(?!!)[\s\S]*?\*\/|\/\*!\d*|(?:--\s|#)[^\n]*\n)/;

/**
 * Whether a server could have written this statement into its own log. What could not be (SET GLOBAL, SHUTDOWN, INSTALL,
 * LOAD DATA, SELECT … INTO OUTFILE) was put there by somebody else.
 */
export function isGenuineStatement(sql: string): boolean {
  let rest = sql;
  for (let found = comment.exec(rest); found; found = comment.exec(rest)) rest = rest.slice(found[0].length);
  return genuine.test(rest) && !(library.test(rest) && /^create\s+(?:aggregate\s+)?function/i.test(rest));
}
