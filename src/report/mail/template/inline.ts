/**
 * Styles that stand at each element, because many mail programs throw a style sheet away. Text on the ground it stands on has
 * a contrast of at least 4.5:1. The sheet beside it only turns light into dark where that is understood.
 */
const font = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
const text = `${font};color:#1b1c1e`;
const soft = `${font};color:#595b60`;

export const inline = {
  ground: 'margin:0;padding:0;background:#eceef1',
  outer: 'width:100%;table-layout:fixed;background:#eceef1',
  card: 'width:100%;max-width:600px;table-layout:fixed;background:#ffffff;border-radius:8px;text-align:left',
  band: `${font};padding:14px 22px;border-radius:8px 8px 0 0;color:#ffffff;font-size:20px;line-height:26px;font-weight:bold`,
  bandSmall: `${font};color:#ffffff;font-size:14px;line-height:20px;font-weight:normal`,
  part: 'padding:18px 22px 0 22px',
  last: 'padding:18px 22px 22px 22px',
  first: `${text};margin:0;font-size:18px;line-height:27px;word-break:break-word`,
  paragraph: `${text};margin:0 0 8px 0;font-size:15px;line-height:22px;word-break:break-word`,
  heading: `${text};margin:0 0 8px 0;font-size:16px;line-height:22px;font-weight:bold`,
  small: `${soft};margin:0 0 6px 0;font-size:13px;line-height:19px;word-break:break-word`,
  table: 'width:100%;border-collapse:collapse',
  tile: 'padding:10px 10px 10px 0;vertical-align:top;width:33%',
  tileLabel: `${soft};font-size:13px;line-height:18px`,
  tileValue: `${text};font-size:19px;line-height:26px;font-weight:bold`,
  head: `${soft};padding:6px 8px 6px 0;text-align:left;font-size:13px;line-height:18px;font-weight:normal;border-bottom:1px solid #c9c8c3`,
  cell: `${text};padding:8px 8px 8px 0;text-align:left;vertical-align:top;font-size:14px;line-height:20px;border-bottom:1px solid #e4e7eb`,
  cellName: 'word-break:break-word',
  cellSmall: `${soft};font-size:13px;line-height:18px`,
  code: "font-family:Consolas,Menlo,'Liberation Mono',monospace;font-size:13px",
  image: 'display:block;width:100%;max-width:520px;height:auto;border:0;border-radius:4px;background:#ffffff',
} as const;

/** By verdict: the ground of the band, and the word's colour in a table. */
const bands = { pass: '#0a6238', fail: '#a31219', inconclusive: '#744700' } as const;
export const band = (kind: keyof typeof bands) => `${inline.band};background:${bands[kind]}`;

export const sheet = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .ground { background: #131416 !important; }
  .card { background: #1c1e21 !important; }
  .text { color: #ececea !important; }
  .soft { color: #a9abb1 !important; }
  .ok { color: #74d3a0 !important; }
  .bad { color: #ff958d !important; }
  .unclear { color: #f2c46b !important; }
  .rule { border-color: #36383d !important; }
}`;
