import { compileTemplate } from '../report/compile-template.ts';
import { indexStyle } from '../report/template/index-style.ts';
import { style } from '../report/template/style.ts';
import type { liveView } from './live-view.ts';

type View = ReturnType<typeof liveView>;

const drills = `{{#each drills}}
<section class="drill" aria-label="drill {{name}}">
<h2 class="untrusted">{{name}} <span class="mark {{kind}}">{{state}}</span></h2>
<p>From the vault <span class="untrusted">{{vault}}</span>, begun {{startedAt}}{{#if elapsed}}; {{#if isRunning}}for{{else}}it took{{/if}} <b>{{elapsed}}</b>{{/if}}. The restore may take {{rto}}.</p>
{{#if reportHref}}<p class="big"><a href="{{reportHref}}">Its report</a></p>{{/if}}
<table>
<caption>How far each service has come</caption>
<thead><tr><th scope="col" class="w28">Of</th><th scope="col">Now</th></tr></thead>
<tbody>
{{#each services}}<tr><th scope="row" class="untrusted">{{service}}</th><td class="untrusted">{{now}}{{#if bytes}} <span class="soft">{{bytes}}</span>{{/if}}
{{#if hasBar}}<svg class="bar" height="8" aria-hidden="true"><rect class="track" width="100%" height="8" rx="2"/><rect class="used" width="{{percent}}%" height="8" rx="2"/></svg>{{/if}}
{{#if done}}<span class="asks">done: {{done}}</span>{{/if}}</td></tr>
{{/each}}</tbody>
</table>
<h3 class="after">The last steps</h3>
{{#if recent}}<ol class="plain small">
{{#each recent}}<li class="untrusted"><span class="soft">{{at}}</span> {{what}}</li>
{{/each}}</ol>{{else}}<p>None yet.</p>{{/if}}
</section>
{{else}}
<section aria-label="no drill"><p class="big">No drill runs now.</p>
<p>This page shows one as soon as it begins. Run: <code>firedrill drill</code></p></section>
{{/each}}`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Running drills</title>
<style>{{> style}}{{> indexStyle}}
.live-head { border-top: .375rem solid var(--native); background: var(--card); padding: 1.25rem 0; }
.mark.running { color: var(--link); }
noscript { display: block; }
</style>
<script src="/live/live.js" defer></script>
</head>
<body>
<header class="live-head"><div class="wrap">
<p><a href="/">All drills</a></p>
<h1>Running drills</h1>
<p class="soft" role="status" id="link">as of the moment when this page was opened</p>
<noscript><p>Without scripts it does not go on by itself: load it again.</p></noscript>
</div></header>
<main class="wrap" id="drills">
{{> drills}}
</main>
</body>
</html>
`;

const renderPage = compileTemplate<View>(page, { style, indexStyle, drills });
const renderDrills = compileTemplate<View>(drills);

/** The whole page; every value in it is escaped. */
export const livePage = (view: View): string => renderPage(view);

/** What changes on it, in the same words. */
export const liveDrills = (view: View): string => renderDrills(view);

/** The only script that this server has: shows what the server has rendered, and whether it still speaks. */
export const liveScript = `'use strict';
const place = document.getElementById('drills');
const link = document.getElementById('link');
const say = (text) => { if (link.textContent !== text) link.textContent = text; };
const events = new EventSource('/live/events');
events.addEventListener('drills', (event) => {
  place.innerHTML = JSON.parse(event.data);
  say('live');
});
events.addEventListener('error', () => say('firedrill serve does not answer: what stands here may be old'));
`;
