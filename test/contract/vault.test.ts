import { directoryVault } from '../../src/vault/directory.ts';
import { scratchFolder } from '../support/scratch.ts';
import { vaultContract } from './vault.ts';

vaultContract('directory', async () => {
  const scratch = await scratchFolder();
  const vault = directoryVault('onsite', scratch.path);
  return { vault, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
});
