import type { RestoreParts } from '../../model/restore-parts.ts';

/** Colours of charts on a page that is light or dark. The same as those of the page's style sheet. */
export interface Scheme {
  text: string;
  soft: string;
  grid: string;
  /** Of what was measured. */
  line: string;
  fail: string;
  unclear: string;
  parts: Record<keyof RestoreParts, string>;
}

export const light: Scheme = {
  ...{ text: '#1b1c1e', soft: '#595b60', grid: '#dcdbd6', line: '#2a5ca8', fail: '#a31219', unclear: '#744700' },
  parts: {
    ...{ plan: '#d3d3cf', ready: '#d3d3cf', fetch: '#f0d7a2', boot: '#b5ddd0', restore: '#b9d2f4', check: '#d6c8ee' },
    ...{ dispose: '#ecc4c0', application: '#cfe0c3', 'safety copy': '#d3d3cf', carry: '#d3d3cf', other: '#e7e6e2' },
  },
};

export const dark: Scheme = {
  ...{ text: '#ececea', soft: '#a9abb1', grid: '#36383d', line: '#7fb0f2', fail: '#ff958d', unclear: '#f2c46b' },
  parts: {
    ...{ plan: '#4c4e54', ready: '#4c4e54', fetch: '#6b5217', boot: '#1f5a4b', restore: '#244a80', check: '#4b3576' },
    ...{ dispose: '#6e3430', application: '#3f5a2c', 'safety copy': '#4c4e54', carry: '#4c4e54', other: '#2b2d31' },
  },
};
