import { compileTemplate } from '../report/compile-template.ts';
import { indexStyle } from '../report/template/index-style.ts';
import { style } from '../report/template/style.ts';
import type { liveView } from './live-view.ts';

type View = ReturnType<typeof liveView>;

const gameDay = `{{#with gameDay}}
<section class="drill" aria-label="game day {{name}}">
<h2 class="untrusted">{{title}} <span class="mark running">game day</span></h2>
<p class="clock" role="timer"><b>{{clock}}</b> <span class="soft">of {{limit}}</span></p>
{{#if left}}<p{{#if isOver}} class="missed"{{/if}}>{{left}}{{#if hints}}; {{hints}}{{/if}}</p>{{/if}}
<svg class="bar" height="12" aria-hidden="true"><rect class="track" width="100%" height="12" rx="2"/><rect class="used{{#if isOver}} over{{/if}}" width="{{percent}}%" height="12" rx="2"/></svg>
<p class="after">At it: <span class="untrusted">{{who}}</span></p>
{{#each situation}}<p class="told untrusted">{{this}}</p>
{{/each}}
<h3 class="after">What happened, the newest first</h3>
<ol class="plain small">
{{#each entries}}<li class="untrusted"><span class="soft">{{since}} {{who}}</span> {{what}}</li>
{{else}}<li>Nothing yet.</li>
{{/each}}</ol>
</section>
{{/with}}`;

const drills = `{{> gameDay}}{{#each drills}}
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
{{else}}{{#unless gameDay}}
<section aria-label="no drill"><p class="big">No drill runs now.</p>
<p>This page shows one as soon as it begins. Run: <code>firedrill drill</code></p></section>
{{/unless}}{{/each}}`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Running drills and game days</title>
<style>{{> style}}{{> indexStyle}}
.live-head { border-top: .375rem solid var(--native); background: var(--card); padding: 1.25rem 0; }
.mark.running { color: var(--link); }
.clock { font-size: 2rem; }
.told { border-left: .25rem solid var(--line); padding-left: 1rem; max-width: 46rem; }
noscript { display: block; }
</style>
<script src="/live/live.js" defer></script>
</head>
<body>
<header class="live-head"><div class="wrap">
<p><a href="/">All drills</a></p>
<h1>Running drills and game days</h1>
<p class="soft" role="status" id="link">as of the moment when this page was opened</p>
<noscript><p>Without scripts it does not go on by itself: load it again.</p></noscript>
</div></header>
<main class="wrap" id="drills">
{{> drills}}
</main>
</body>
</html>
`;

const renderPage = compileTemplate<View>(page, { style, indexStyle, gameDay, drills });
const renderDrills = compileTemplate<View>(drills, { gameDay });

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
