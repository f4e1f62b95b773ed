/** One sheet for phone, desk and paper, dark and light. Contrast of text is at least 4.5:1 in both schemes. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f7f7f5; --line: #dcdbd6; --text: #1b1c1e; --soft: #595b60;
  --pass: #0a6238; --pass-page: #e8f4ed; --fail: #a31219; --fail-page: #fcecea; --unclear: #744700; --unclear-page: #fdf3dc;
  --plan: #d3d3cf; --fetch: #f0d7a2; --boot: #b5ddd0; --restore: #b9d2f4; --check: #d6c8ee; --application: #cfe0c3; --dispose: #ecc4c0; --on-bar: #1b1c1e;
  --native: #2a5ca8; --track: #e7e6e2; --grid: #c9c8c3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131416; --card: #1c1e21; --line: #36383d; --text: #ececea; --soft: #a9abb1;
    --pass: #74d3a0; --pass-page: #14291e; --fail: #ff958d; --fail-page: #351917; --unclear: #f2c46b; --unclear-page: #2f2512;
    --plan: #4c4e54; --fetch: #6b5217; --boot: #1f5a4b; --restore: #244a80; --check: #4b3576; --application: #3f5a2c; --dispose: #6e3430; --on-bar: #f2f2f0;
    --native: #7fb0f2; --track: #2b2d31; --grid: #404248;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
.wrap { max-width: 58rem; margin: 0 auto; padding: 0 1rem; }
p, dl, ul, ol, figure, table { margin: 0; }
h1, h2, h3 { line-height: 1.25; margin: 0; }
h1 { text-wrap: balance; }
h2 { font-size: 1.25rem; margin-bottom: .75rem; }
h3 { font-size: 1.0625rem; }
article > h3 { margin-bottom: .5rem; }
section { padding: 2rem 0; }
section + section { border-top: 1px solid var(--line); }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .9em; }
dd, td, code, .untrusted { unicode-bidi: isolate; }

.verdict { border-top: .375rem solid; padding: 1.75rem 0 2rem; }
.verdict.pass { border-color: var(--pass); background: var(--pass-page); }
.verdict.fail { border-color: var(--fail); background: var(--fail-page); }
.verdict.inconclusive { border-color: var(--unclear); background: var(--unclear-page); }
.verdict.pass .word { color: var(--pass); }
.verdict.fail .word { color: var(--fail); }
.verdict.inconclusive .word { color: var(--unclear); }
.word { display: block; font-size: 1.5rem; font-weight: 800; letter-spacing: .04em; }
.lead { display: block; font-size: 1.75rem; font-weight: 650; margin-top: .25rem; }
.sentence { margin-top: .75rem; max-width: 46rem; }
.where { margin-top: .75rem; font-size: .9375rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1.25rem 1.5rem; margin-top: 1.75rem; }
.tiles dt { font-size: .875rem; }
.tiles dd { margin: 0; }
.tiles b { display: block; font-size: 1.375rem; font-weight: 650; line-height: 1.3; }

.bar { display: block; width: 100%; overflow: visible; }
.bar .track { fill: var(--track); }
.bar .used { fill: var(--native); }
.bar .used.over { fill: var(--fail); }
.bar .limit { stroke: var(--text); stroke-width: 2; }
.ends { display: flex; justify-content: space-between; gap: 1rem; font-size: .875rem; color: var(--soft); margin-top: .25rem; }
.big { font-size: 1.125rem; margin-bottom: .75rem; }
.missed { color: var(--fail); font-weight: 650; }

.lane { margin-top: .875rem; }
.lane-name { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; font-size: .9375rem; }
.lane svg, .axis { display: block; width: 100%; overflow: visible; }
.lane text { font-size: 12px; fill: var(--on-bar); }
.axis text { font-size: 12px; fill: var(--soft); }
.grid { stroke: var(--grid); }
.ready { stroke: var(--pass); stroke-width: 3; }
.native { fill: var(--native); }
.p-plan, .p-ready { fill: var(--plan); }
.p-fetch { fill: var(--fetch); }
.p-boot { fill: var(--boot); }
.p-restore { fill: var(--restore); }
.p-check { fill: var(--check); }
.p-application { fill: var(--application); }
.p-dispose { fill: var(--dispose); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1rem; padding: 0; list-style: none; font-size: .875rem; }
.legend svg { width: 1.25rem; height: .75rem; margin-right: .375rem; vertical-align: -.05em; }

.findings { padding: 0; list-style: none; }
.finding { border-left: .25rem solid; padding: .125rem 0 .25rem 1rem; margin-top: 1.5rem; }
.finding.fail { border-color: var(--fail); }
.finding.inconclusive, .finding.warning { border-color: var(--unclear); }
.finding h3 { font-weight: 600; margin: .125rem 0 .375rem; }
.next { display: block; margin-top: .75rem; padding: .625rem .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .375rem; }
.after { margin: 2rem 0 .5rem; }
.mark { font-weight: 650; white-space: nowrap; }
.mark.pass { color: var(--pass); }
.mark.fail { color: var(--fail); }
.mark.inconclusive, .mark.warning { color: var(--unclear); }
.mark.not-run { color: var(--soft); }
.pre { white-space: pre-wrap; }

.pairs { display: grid; grid-template-columns: minmax(6.5rem, max-content) 1fr; gap: .375rem 1.25rem; }
.pairs dt { color: var(--soft); max-width: 11rem; }
.pairs dd { margin: 0; min-width: 0; }
.finding .pairs { font-size: .9375rem; margin-top: .5rem; }
.service { margin-top: 1.25rem; padding: 1.125rem 1.25rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
.service-head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1rem; margin-bottom: .75rem; }
.stand-in { border: 1px solid var(--unclear); color: var(--unclear); border-radius: .25rem; padding: 0 .375rem; font-size: .875rem; font-weight: 600; white-space: nowrap; }
.plain { padding: 0; list-style: none; }
.rpo-bar { max-width: 22rem; margin-top: .25rem; }

details { margin-top: 1rem; }
summary { cursor: pointer; font-weight: 600; padding: .375rem 0; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; table-layout: fixed; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: .875rem; }
.group th { padding-top: 1.25rem; font-weight: 650; }
.num { text-align: right; }
.asks { display: block; color: var(--soft); font-size: .875rem; }
.rest { color: var(--soft); font-style: italic; margin-top: .625rem; }
.list { padding-left: 1.125rem; }
.list li + li { margin-top: .5rem; }
.w20 { width: 20%; } .w24 { width: 24%; } .w28 { width: 28%; } .w40 { width: 40%; } .w50 { width: 50%; }
@media (min-width: 40rem) { .w50 { width: 58%; } }
.hash { font-size: .8125rem; }
footer { border-top: 1px solid var(--line); padding: 1.5rem 0 3rem; color: var(--soft); font-size: .875rem; }

@media (max-width: 34rem) {
  .lead { font-size: 1.375rem; }
  .verdict { padding-top: 1.25rem; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 1rem; }
  .tiles b { font-size: 1.1875rem; }
  .service { padding: 1rem; }
  .pairs { grid-template-columns: 1fr; gap: 0; }
  .pairs dd { margin-bottom: .5rem; }
  table { font-size: .875rem; }
  th, td { padding-right: .5rem; }
}
@page { size: A4; margin: 16mm 14mm; }
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --card: #ffffff; --line: #c4c3be; --text: #000000; --soft: #4a4b4f;
    --pass: #0a6238; --pass-page: #ffffff; --fail: #a31219; --fail-page: #ffffff; --unclear: #744700; --unclear-page: #ffffff;
    --plan: #d3d3cf; --fetch: #f0d7a2; --boot: #b5ddd0; --restore: #b9d2f4; --check: #d6c8ee; --application: #cfe0c3; --dispose: #ecc4c0; --on-bar: #1b1c1e;
    --native: #2a5ca8; --track: #e7e6e2; --grid: #c9c8c3;
  }
  html { font-size: 9.5pt; }
  body { line-height: 1.4; }
  .asks { display: inline; }
  th, td { padding-top: .2rem; padding-bottom: .2rem; }
  .group th { padding-top: .75rem; }
  .service { padding: .5rem .75rem .75rem; margin-top: .75rem; }
  .list li + li { margin-top: .2rem; }
  .pairs { gap: .125rem 1.25rem; }
  .finding { margin-top: 1rem; }
  .wrap { max-width: none; padding: 0; }
  svg, .verdict { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  section { padding: 1rem 0; }
  h2, h3, caption, summary { break-after: avoid; }
  tr, .finding, .lane, .tiles > div, .list li, .pairs > * { break-inside: avoid; }
  thead { display: table-header-group; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
  summary { list-style: none; }
}
`;
