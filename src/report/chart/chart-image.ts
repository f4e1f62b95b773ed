import { type ChartOption, type ChartSize, renderSvg } from './render-svg.ts';
import { dark, light, type Scheme } from './scheme.ts';

/** A chart for a page, as images: nothing in an image can do anything, whatever it holds. */
export interface ChartImage extends ChartSize {
  /** data: URLs for light and dark pages. */
  light: string;
  dark: string;
  /** What it shows, in words. */
  alt: string;
}

/** Of whoever looks at it: an image can load no font. No quotation marks: ECharts writes it into an attribute as it is. */
const fontFamily = 'system-ui, sans-serif';

export async function chartImage(
  draw: (scheme: Scheme) => ChartOption,
  size: ChartSize,
  alt: string,
): Promise<ChartImage> {
  const urlOf = async (scheme: Scheme) =>
    dataUrl(await renderSvg({ ...draw(scheme), textStyle: { fontFamily } }, size));
  return { ...size, alt, light: await urlOf(light), dark: await urlOf(dark) };
}

/** Base64, so that it holds no sign that a srcset could take for its own. */
function dataUrl(svg: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(onlyDrawing(svg.toWellFormed())).toString('base64')}`;
}

/**
 * Without what ECharts adds for charts that react to a pointer. It numbers all charts of a process: the same page is to be the
 * same bytes.
 */
function onlyDrawing(svg: string): string {
  return svg
    .replaceAll(/<style\b.*?<\/style>\n?/gs, '')
    .replaceAll(/ (?:class|ecmeta_\w+)="[^"]*"/g, '')
    .replaceAll(/\bzr\d+-/g, '');
}
