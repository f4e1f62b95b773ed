import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { isTrusted, readPrivateKey, readTrustedKeys } from '../../../src/cli/keys.ts';
import { createSigningKey } from '../../../src/kit/signing-key.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

async function written() {
  const scratch = await scratchFolder();
  const pairs = [createSigningKey(), createSigningKey()];
  const at = (name: string) => join(scratch.path, name);
  for (const [i, { privatePem, publicPem }] of pairs.entries()) {
    await writeFile(at(`${i}.key`), privatePem, { mode: 0o600 });
    await writeFile(at(`${i}.pub`), publicPem);
  }
  return { at, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

describe('keys', () => {
  it('knows which private key belongs to which public one', async () => {
    await using given = await written();
    const key = await readPrivateKey({ signingKeyFile: given.at('0.key') });
    expect(
      isTrusted(
        key,
        await readTrustedKeys({ trustedKeyTexts: [], trustedKeyFiles: [given.at('1.pub'), given.at('0.pub')] }),
      ),
    ).to.equal(true);
    expect(
      isTrusted(key, await readTrustedKeys({ trustedKeyTexts: [], trustedKeyFiles: [given.at('1.pub')] })),
    ).to.equal(false);
  });

  it('refuses a private key that anybody else may read', async () => {
    await using given = await written();
    for (const mode of [0o640, 0o604, 0o644]) {
      await chmod(given.at('0.key'), mode);
      const error = await rejectionOf(readPrivateKey({ signingKeyFile: given.at('0.key') }));
      expect(error).to.include({ code: 'KEY_INVALID', hint: `Run: chmod 600 ${given.at('0.key')}` });
    }
  });

  it('tells all public keys that cannot be used, at once', async () => {
    await using given = await written();
    await writeFile(given.at('bad.pub'), 'no key');
    const files = [given.at('0.pub'), given.at('bad.pub'), given.at('missing.pub')];
    const { code, detail } = await rejectionOf(readTrustedKeys({ trustedKeyTexts: [], trustedKeyFiles: files }));
    expect(code).to.equal('KEY_INVALID');
    expect(detail).to.have.length(2);
    expect(detail[0]).to.match(/bad\.pub: a trusted public key is not a key in PEM form/);
    expect(detail[1]).to.match(/missing\.pub cannot be read: ENOENT/);
  });

  it('says that backups cannot be signed without a private key', async () => {
    const error = await rejectionOf(readPrivateKey({ signingKeyFile: undefined }));
    expect(error).to.include({ code: 'KEY_INVALID' });
    expect(error.message).to.match(/keys\.private/);
  });
});
