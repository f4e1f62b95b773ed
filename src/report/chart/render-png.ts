import { createRequire } from 'node:module';
import { chartFont } from './render-svg.ts';

/** A mail shows a chart wider than it is drawn, on screens with small pixels. */
const pixelsPerPixel = 2.4;

/** A font of our own: a server need not have any, and a chart without words would be none. */
function fontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}`));
}

/** Without what XML has no place for: a name that was cut in the middle of a letter, or was made to break it. */
function xmlText(svg: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this takes out
  return svg.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

/** An SVG as pixels, for mail programs, which show no SVG. */
export async function renderPng(svg: string): Promise<Buffer> {
  const { Resvg } = await import('@resvg/resvg-js');
  const font = { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: chartFont };
  return new Resvg(xmlText(svg), { fitTo: { mode: 'zoom', value: pixelsPerPixel }, font }).render().asPng();
}
