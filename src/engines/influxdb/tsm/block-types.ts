/** Block types of TSM, as SHOW FIELD KEYS names them. */
const names = ['float', 'integer', 'boolean', 'string', 'unsigned'];

const numbers = new Set(['float', 'integer', 'unsigned']);

export const typeName = (type: number): string => names[type] ?? `type ${type}`;

/** Whether `typeName` can have made it. */
export const isTypeName = (name: string): boolean => names.includes(name) || /^type \d{1,3}$/.test(name);

/** Types that the server counts as one when a field had several: numbers are cast, all others stand apart. */
export const kindOf = (name: string): string => (numbers.has(name) ? 'number' : name);

/** The same of a block's type: one type for all of a kind. */
export const kindOfType = (type: number): number => (numbers.has(typeName(type)) ? 0 : type);
