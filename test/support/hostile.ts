/** Names that a hostile or careless source might hold. */
export const hostileNames = [
  '<img src=x onerror=alert(1)>',
  '</title></style><script>alert(1)</script>',
  '" onmouseover="alert(1)',
  "'><svg/onload=alert(1)>",
  '{{{verdict.title}}} {{> verdict}}',
  'orders\r\nBcc: everybody@example.com',
  '\u001b[2J\u001b]0;owned\u0007',
  'safe\u202etxt.exe\u2066',
  ']]>&unknown;<!--',
  '\u0000\u0008\ufffe\uffff\ud800',
  'name="x",service="other"} 1\nfiredrill_verdict{verdict="pass',
  'W'.repeat(3000),
  '',
];
