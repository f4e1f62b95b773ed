/** Whom a mail is from or to. */
export interface MailAddress {
  /** For people; may be empty. */
  name: string;
  /** `local@domain`, as it was written: both may hold letters of any language. */
  address: string;
}

/** What a display name and an address may not hold: they stand in a header, and in a command of SMTP. */
const name = /^[^<>"\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{0,200}$/u;
const address = /^[^\s<>()[\]\\,;:"@\p{Cc}\p{Cf}]{1,64}@[^\s<>()[\]\\,;:"@\p{Cc}\p{Cf}]{1,255}$/u;

/** `ops@example.com` or `Ops <ops@example.com>`; undefined when the text is neither. */
export function parseMailAddress(text: string): MailAddress | undefined {
  const named = /^(?:"([^"]*)"|([^"<>]*?)) *<([^<>]*)>$/.exec(text);
  const parsed = named ? { name: named[1] ?? named[2] ?? '', address: named[3] ?? '' } : { name: '', address: text };
  return name.test(parsed.name) && address.test(parsed.address) ? parsed : undefined;
}
