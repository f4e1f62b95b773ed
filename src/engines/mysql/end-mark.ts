/**
 * The end mark of a table's data: the line `\end <id> <rows> <warnings>` that the server itself sends after the last
 * row, and that stays in the artifact. No row can look like it: in a row's field a backslash is followed by another
 * one, or by `t`, `n`, `0` or `N`. Of a table in parts each has its own, with an id of its own in place of the dump's. Pure.
 */
export interface EndMark {
  /** Of the dump; of a part, its own. */
  id: string;
  /** As the server counted them. */
  rows: number;
  /** A value that could not be sent whole makes one. */
  warnings: number;
}

/** No line of an end mark is longer. */
export const maxEndMarkBytes = 128;

export function endMarkStart(id: string): string {
  return `\\end ${id} `;
}

/** Two statements for the same session, right after the SELECT. */
export function endMarkStatements(id: string): string {
  // SET leaves both counts alone; FOUND_ROWS() makes a warning of its own, and so comes second.
  return `SET @firedrill = @@warning_count; SELECT CONCAT('\\${endMarkStart(id)}', FOUND_ROWS(), ' ', @firedrill);`;
}

/** Without its newline; undefined when it is none. */
export function parseEndMark(line: string): EndMark | undefined {
  const parts = /^\\end ([0-9a-f]{32}) (\d{1,15}) (\d{1,15})$/.exec(line);
  return parts ? { id: parts[1] ?? '', rows: Number(parts[2]), warnings: Number(parts[3]) } : undefined;
}
