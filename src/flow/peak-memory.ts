/** The largest resident set of this process so far, in bytes (getrusage(2) counts KiB). */
export function peakMemoryBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
