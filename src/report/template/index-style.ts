/** What the index has beside the report's sheet. */
export const indexStyle = `
:root { --pass1: #cdeedb; --pass2: #86cfa6; --pass3: #e2d58b; --bad: #a31219; --bad-text: #ffffff; --odd: #f2c46b; --odd-text: #1b1c1e; --pass-text: #10281b; --link: #1d4f9c; }
@media (prefers-color-scheme: dark) {
  :root { --pass1: #1c4630; --pass2: #2f7a53; --pass3: #6a5d16; --bad: #ff958d; --bad-text: #1b0605; --odd: #f2c46b; --odd-text: #1b1c1e; --pass-text: #ffffff; --link: #9cc3ff; }
}
a { color: var(--link); }
.live { margin-bottom: 1rem; font-weight: 650; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.months { display: grid; grid-template-columns: repeat(auto-fill, minmax(12.5rem, 1fr)); gap: 1.25rem 1.5rem; margin-top: 1.25rem; }
.month { font-size: .8125rem; border-collapse: separate; border-spacing: 2px; align-self: start; }
.month caption { color: var(--text); font-weight: 650; padding-bottom: .125rem; }
.month th, .month td { padding: 0; border: 0; text-align: center; height: 1.75rem; vertical-align: middle; }
.month th { font-size: .75rem; height: 1.25rem; }
.month abbr { text-decoration: none; }
.day { position: relative; border-radius: .25rem; color: var(--soft); }
.day a { display: flex; flex-direction: column; justify-content: center; height: 100%; color: inherit; text-decoration: none; line-height: 1.05; border-radius: inherit; }
.day a:hover, .day a:focus-visible { outline: 2px solid var(--text); }
.day .sign { font-size: .6875rem; font-weight: 700; }
.day.none { background: var(--card); }
.pass1 { background: var(--pass1); color: var(--pass-text); }
.pass2 { background: var(--pass2); color: var(--pass-text); }
.pass3 { background: var(--pass3); color: var(--pass-text); }
.day.fail, .key.fail { background: var(--bad); color: var(--bad-text); }
.day.inconclusive, .key.inconclusive { background: var(--odd); color: var(--odd-text); }
.day.fail, .day.inconclusive { font-weight: 700; }
.key { display: inline-block; width: 1.375rem; margin-right: .375rem; text-align: center; font-weight: 700; border-radius: .25rem; }
.key.none { background: var(--card); border: 1px solid var(--line); height: 1em; vertical-align: -.125em; }

.series + .series { margin-top: 2.5rem; }
.forecast { font-size: 1.0625rem; max-width: 46rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: 1.25rem 2rem; margin-top: 1.25rem; }
.charts figure { min-width: 0; }
.charts img { display: block; width: 100%; max-width: 36rem; height: auto; }
figcaption { color: var(--soft); font-size: .9375rem; margin-bottom: .25rem; }
figcaption b { color: var(--text); }
.p-other { fill: var(--track); }

.drills .when { width: 42%; }
.drills .outcome { width: 33%; }
.drills span.soft { display: block; font-size: .875rem; }
.said td { padding-top: 0; }
tr:has(+ .said) > * { border-bottom: 0; padding-bottom: .125rem; }
@media (max-width: 34rem) {
  .months { grid-template-columns: 1fr 1fr; gap: 1rem; }
  .month { font-size: .75rem; border-spacing: 1px; }
  .month td { height: 1.625rem; }
  .drills .when { width: 40%; }
  .key { width: 1.25rem; }
}
@media print {
  :root { --pass1: #cdeedb; --pass2: #86cfa6; --pass3: #e2d58b; --bad: #a31219; --bad-text: #ffffff; --odd: #f2c46b; --odd-text: #1b1c1e; --pass-text: #10281b; --link: #000000; }
  .live { display: none; }
  .day, .key { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .months { grid-template-columns: repeat(4, 1fr); gap: .75rem 1rem; }
  .month { font-size: .6875rem; }
  .month th, .month td { height: 1.125rem; padding: 0; }
  .day a { flex-direction: row; gap: .125rem; align-items: center; }
  .day .sign { font-size: .5625rem; }
  .charts { grid-template-columns: 1fr 1fr; gap: .75rem 1.5rem; }
  .drills span.soft { display: inline; }
  .month, figure { break-inside: avoid; }
  .older::details-content { display: none; }
}
`;
