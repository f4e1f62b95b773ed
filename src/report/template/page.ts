import { head } from './head.ts';

/** The frame. Every `{{ }}` is escaped; the partials stand beside it, and none has a raw one. */
export const page = `<!doctype html>
<html lang="en">
<head>
${head}
<title>{{verdict.title}}</title>
<style>{{> style}}</style>
</head>
<body>
{{> verdict}}
<main class="wrap">
{{#if restore}}{{> restore}}{{/if}}
{{> rto}}
{{> timeline}}
{{> findings}}
{{> services}}
{{#if applications}}{{> applications}}{{/if}}
{{#if excursions.any}}{{> excursions}}{{/if}}
{{#if planted}}{{> planted}}{{/if}}
{{> checks}}
{{> isolation}}
{{> limits}}
{{> origins}}
</main>
<footer><div class="wrap">Written by firedrill from the drill’s journal, which lies beside this file as journal.json.</div></footer>
</body>
</html>
`;
