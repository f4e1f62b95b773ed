import { head } from './head.ts';

/** The index of all drills. Every `{{ }}` is escaped, as on the report. */
export const indexPage = `<!doctype html>
<html lang="en">
<head>
${head}
<title>{{title}}</title>
<style>{{> style}}{{> indexStyle}}</style>
</head>
<body>
{{> indexVerdict}}
<main class="wrap">
{{> calendar}}
{{> series}}
{{#if comparison}}{{> comparison}}{{/if}}
{{> drills}}
</main>
<footer><div class="wrap">Written by firedrill from the journals of the drills. Days and hours are those of {{timeZone}}.
{{#each notes}}<br>{{this}}{{/each}}</div></footer>
</body>
</html>
`;

export const indexVerdict = `
{{#if verdict}}
<header class="verdict {{verdict.kind}}">
<div class="wrap">
{{#if liveHref}}<p class="live"><a href="{{liveHref}}">Watch what is running now</a></p>{{/if}}
<p class="soft">The newest drill</p>
<h1><span class="word"><span aria-hidden="true">{{verdict.sign}}</span> {{verdict.word}}</span>
<span class="lead untrusted">{{verdict.lead}}</span></h1>
<p class="sentence untrusted">{{verdict.sentence}}</p>
<p class="where soft">Restore drill <b class="untrusted">{{verdict.drill}}</b>, {{verdict.startedAt}}{{#if verdict.asOf}}, judged as of {{verdict.asOf}}{{/if}} · <a href="{{newestHref}}">its report</a></p>
<dl class="tiles">
{{#each verdict.tiles}}<div><dt class="soft">{{label}}</dt><dd><b>{{value}}</b> <span class="soft">{{of}}</span></dd></div>
{{/each}}</dl>
</div>
</header>
{{else}}
<header class="verdict inconclusive">
<div class="wrap">
{{#if liveHref}}<p class="live"><a href="{{liveHref}}">Watch what is running now</a></p>{{/if}}
<h1><span class="lead">No drill has left a report yet.</span></h1>
<p class="sentence">Nothing is known of any backup. Run: <code>firedrill drill</code></p>
</div>
</header>
{{/if}}`;
