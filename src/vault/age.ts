import { Readable } from 'node:stream';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { FiredrillError, isFiredrillError, messageOf, systemCode } from '../kit/errors.ts';

/** Encrypts a stream to several recipients: the private key of any of them opens it. KEY_INVALID for what is no public key. */
export function ageEncrypter(recipients: readonly string[]): (content: AsyncIterable<Uint8Array>) => Readable {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    asKey(() => encrypter.addRecipient(recipient), `${recipient} is no public key of age`, 'Mend it under recipients.');
  }
  return (content) => bytesOf(encrypter.encrypt(ReadableStream.from(content)));
}

/** A fresh pair: the text of a file that `age` can read as well, and its public half for `recipients`. */
export async function createEscrowKey(): Promise<{ text: string; recipient: string }> {
  const secret = await generateX25519Identity();
  const recipient = await identityToRecipient(secret);
  return { text: `# public key: ${recipient}\n${secret}\n`, recipient };
}

/** Private keys of age that one file holds. */
export interface AgeIdentities {
  /** For sentences. */
  file: string;
  decrypter: Decrypter;
}

/** Reads what `age-keygen` writes: a line for each key, and comments. KEY_INVALID, without any of it, for anything else. */
export function readAgeIdentities(text: string, file: string): AgeIdentities {
  const decrypter = new Decrypter();
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const hint =
    'Take another copy of the private key, such as the one in the safe: AGE-SECRET-KEY-1…, whole, on one line.';
  if (keys.length === 0) throw new FiredrillError('KEY_INVALID', `${file} holds no private key of age`, { hint });
  for (const key of keys) {
    asKey(() => decrypter.addIdentity(key), `${file} holds a private key of age that is damaged, or is none`, hint);
  }
  return { file, decrypter };
}

/** What is wrong is the key, and never the error's own text: that could show a part of it. */
function asKey(use: () => void, sentence: string, hint: string): void {
  try {
    use();
  } catch {
    throw new FiredrillError('KEY_INVALID', sentence, { hint });
  }
}

/**
 * The content of an encrypted stream. Breaks with KEY_WRONG when none of the keys opens it, which a damaged header can look
 * like; with ARTIFACT_DAMAGED when it was changed or cut; an error of the stream itself stays what it is.
 */
export function ageDecrypted(content: Readable, { decrypter, file }: AgeIdentities, shown: string): Readable {
  const decrypted = async function* () {
    try {
      yield* bytesOf(decrypter.decrypt(ReadableStream.from(content as AsyncIterable<Uint8Array>)));
    } catch (error) {
      if (isFiredrillError(error) || systemCode(error) !== undefined) throw error;
      if (/no identity matched/.test(messageOf(error)))
        throw new FiredrillError('KEY_WRONG', `no key in ${file} opens ${shown}`, { cause: error });
      const sentence = `${shown} was changed or cut after it was encrypted: ${messageOf(error)}`;
      throw new FiredrillError('ARTIFACT_DAMAGED', sentence, { cause: error });
    } finally {
      content.destroy();
    }
  };
  return Readable.from(decrypted(), { objectMode: false, highWaterMark: 1 << 18 });
}

function bytesOf(stream: Promise<ReadableStream<Uint8Array>>): Readable {
  const bytes = async function* () {
    for await (const chunk of await stream) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  };
  return Readable.from(bytes(), { objectMode: false, highWaterMark: 1 << 18 });
}
