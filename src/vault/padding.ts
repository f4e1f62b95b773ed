const leastBytes = 4096;

/**
 * To how many bytes something is padded, so that its size says little: Padmé (Nikitin and others, "Reducing Metadata Leakage
 * from Encrypted Files and Communication with PURBs", 2019) keeps the leading bits of a size only, and costs 12 % at most.
 */
export function paddedSize(bytes: number): number {
  if (bytes <= leastBytes) return leastBytes;
  const exponent = Math.floor(Math.log2(bytes));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - kept);
  return Math.ceil(bytes / step) * step;
}

/** Content, then zeros. `seen` gets the bytes of the content alone. */
export async function* padded(content: AsyncIterable<Buffer>, seen: (bytes: number) => void): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    yield chunk;
  }
  seen(bytes);
  const zeros = Buffer.alloc(1 << 18);
  for (let left = paddedSize(bytes) - bytes; left > 0; left -= zeros.length)
    yield zeros.subarray(0, Math.min(left, zeros.length));
}
