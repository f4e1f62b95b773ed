/** In ascending times, the index of the first that is not below `bound`, from `from` on. */
export function firstNotBelow(times: BigInt64Array, bound: bigint, from = 0): number {
  let [low, high] = [from, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as bigint) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
