const common = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What a page may do: `page` shows text and its own images, `live` runs the one script of this server, `data` nothing at all. */
const policies = {
  page: `${nothing}; style-src 'unsafe-inline'; img-src data:`,
  live: `${nothing}; style-src 'unsafe-inline'; img-src data:; script-src 'self'; connect-src 'self'`,
  data: `${nothing}; sandbox`,
} as const;

export function answerHeaders(contentType: string, policy: keyof typeof policies): Record<string, string> {
  return { ...common, 'Content-Type': contentType, 'Content-Security-Policy': policies[policy] };
}
