import { inspect } from 'node:util';
import { z } from 'zod';
import { FiredrillError } from '../kit/errors.ts';

/** Where a secret is kept; a secret itself never stands in the configuration. */
export type SecretReference = { file: string } | { env: string };

/** A secret that shows itself only when asked by name: printing, logging or serialising it shows where it is kept. */
export class Secret {
  readonly reference: SecretReference;
  #value: string | undefined;

  constructor(reference: SecretReference, value?: string) {
    this.reference = reference;
    this.#value = value;
  }

  /** Only config/ reads files and the environment; it calls this once. */
  resolve(value: string): void {
    this.#value = value;
  }

  reveal(): string {
    if (this.#value === undefined)
      throw new FiredrillError('SECRET_MISSING', `the secret in ${this.toString()} was not read`);
    return this.#value;
  }

  toString(): string {
    return 'file' in this.reference ? `file ${this.reference.file}` : `environment variable ${this.reference.env}`;
  }

  toJSON(): SecretReference {
    return this.reference;
  }

  [inspect.custom](): string {
    return `Secret(${this.toString()})`;
  }
}

/** For engine settings: `{ file: secrets/db.txt }` or `{ env: DB_PASSWORD }`. */
export const secretSchema = z
  .union([
    z.strictObject({
      file: z.string().min(1).describe('a file that holds the secret and nothing else; relative to this configuration'),
    }),
    z.strictObject({
      env: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .describe('an environment variable that holds the secret'),
    }),
  ])
  .transform((reference) => new Secret(reference));
