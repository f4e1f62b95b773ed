import { constants, createZstdCompress, createZstdDecompress, type ZstdCompress } from 'node:zlib';

/** zstd with its checksum: without it 111 of 200 flipped bits were silent (measured). */
export function zstdEncoder(): ZstdCompress {
  const encoder = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
    chunkSize: 1 << 18,
  });
  // Node ends the frame twice when it is told of the end while the last chunk is at work: the second frame is empty, and
  // no Node decoder reads it. So the end comes after that chunk.
  const end = encoder.end.bind(encoder);
  encoder.end = () => {
    encoder.write(Buffer.alloc(0), () => end());
    return encoder;
  };
  return encoder;
}

/**
 * A window of at most 16 MiB: a crafted frame cannot ask for more memory. `contentBytes` is how much is expected: a decoder hands out
 * its buffer as it is, and what was kept of thousands of small artifacts would hold a whole one each.
 */
export function zstdDecoder(contentBytes = Number.POSITIVE_INFINITY) {
  const chunkSize = Math.max(constants.Z_MIN_CHUNK, Math.min(contentBytes, 1 << 16));
  return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 24 }, chunkSize });
}
