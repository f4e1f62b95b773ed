import { head } from '../../template/head.ts';

/** The report of one game day. Every `{{ }}` is escaped, as on the report of a drill. */
export const gameDayPage = `<!doctype html>
<html lang="en">
<head>
${head}
<title>{{title}}</title>
<style>{{> style}}{{> gameDayStyle}}</style>
</head>
<body>
<header class="verdict {{head.kind}}">
<div class="wrap">
<h1><span class="word"><span aria-hidden="true">{{head.sign}}</span> {{head.word}}</span>
<span class="lead untrusted">{{head.lead}}</span></h1>
<p class="sentence untrusted">{{head.sentence}}</p>
<p class="where soft">Game day <b class="untrusted">{{head.scenario}}</b>, {{head.startedAt}}, recovered by <b class="untrusted">{{head.who}}</b></p>
<dl class="tiles">
{{#each head.tiles}}<div><dt class="soft">{{label}}</dt><dd><b>{{value}}</b> <span class="soft">{{of}}</span></dd></div>
{{/each}}</dl>
</div>
</header>
<main class="wrap">
{{> minutes}}
{{> disaster}}
{{> happened}}
{{> asked}}
{{> lessons}}
{{> stack}}
{{> isolation}}
</main>
<footer><div class="wrap">Written by firedrill from the game day’s journal, which lies beside this file as journal.json.</div></footer>
</body>
</html>
`;

export const minutes = `
<section aria-labelledby="minutes">
<h2 id="minutes">Where the minutes went{{#if compared}}, here and in earlier game days{{/if}}</h2>
<figure aria-labelledby="minutes">
{{#each minutes.lanes}}
<div class="lane">
<div class="lane-name"><b class="untrusted">{{name}}</b><span class="soft">{{note}}</span></div>
<svg height="26" role="img" aria-label="{{spoken}}">
<rect class="track" width="100%" y="2" height="20"/>
{{#each bars}}<rect class="p-{{colour}}" x="{{x}}%" width="{{width}}%" y="2" height="20"/>
{{/each}}<line class="limit" x1="{{../minutes.limitPercent}}%" x2="{{../minutes.limitPercent}}%" y1="-1" y2="26"/>
</svg>
</div>
{{/each}}
<ul class="legend" aria-label="Legend">
{{#each minutes.legend}}<li><svg aria-hidden="true"><rect class="p-{{colour}}" width="100%" height="100%"/></svg>{{word}}</li>
{{/each}}<li><svg aria-hidden="true"><line class="limit" x1="50%" x2="50%" y1="0" y2="100%"/></svg>the limit, {{minutes.limit}}</li>
</ul>
</figure>
<details>
<summary>The same in numbers</summary>
<table>
<caption>From the disaster on</caption>
<tbody>
{{#each minutes.rows}}<tr><th scope="row" class="w40">{{word}}</th><td class="num">{{took}}</td></tr>
{{/each}}<tr class="group"><th scope="row">in all</th><td class="num">{{minutes.total}}</td></tr>
</tbody>
</table>
</details>
</section>`;

export const disaster = `
<section aria-labelledby="disaster">
<h2 id="disaster">The disaster</h2>
<h3>What the operator was told</h3>
{{#each disaster.situation}}<p class="told untrusted">{{this}}</p>
{{/each}}
<h3 class="after">What was done to the stack</h3>
{{#if disaster.injected.shown}}<ol class="list">
{{#each disaster.injected.shown}}<li class="untrusted">{{this}}</li>
{{/each}}</ol>{{else}}<p>Nothing was.</p>{{/if}}
{{#if disaster.injected.leftOut}}<p class="rest">{{disaster.injected.rest}}</p>{{/if}}
<dl class="pairs after">
<dt>Reason of the restore</dt><dd>{{disaster.reason}}</dd>
{{#each disaster.roles}}<dt class="untrusted">{{role}}</dt><dd class="untrusted">{{does}}</dd>
{{/each}}</dl>
</section>`;

export const happened = `
<section aria-labelledby="happened">
<h2 id="happened">What happened when</h2>
{{#if timeline.shown}}
<table>
<caption>Counted from the disaster</caption>
<thead><tr><th scope="col" class="w20">When</th><th scope="col" class="w24">Who</th><th scope="col">What</th></tr></thead>
<tbody>
{{#each timeline.shown}}<tr><th scope="row" title="{{at}}">{{since}}</th><td class="untrusted">{{who}}</td><td class="untrusted"><b>{{kind}}</b> {{text}}</td></tr>
{{/each}}</tbody>
</table>
{{#if timeline.leftOut}}<p class="rest">{{timeline.rest}}</p>{{/if}}
{{else}}<p>Nothing did.</p>{{/if}}
{{#if restores.shown}}
<h3 class="after">Restores</h3>
<table>
<caption>Each has a report of its own in the game day’s folder</caption>
<thead><tr><th scope="col" class="w40">Restore</th><th scope="col">What became of it</th><th scope="col" class="num w20">Took</th></tr></thead>
<tbody>
{{#each restores.shown}}<tr><th scope="row" class="untrusted">{{service}} <span class="asks">{{id}}</span></th><td class="untrusted">{{became}}</td><td class="num">{{took}}</td></tr>
{{/each}}</tbody>
</table>
{{#if restores.leftOut}}<p class="rest">{{restores.rest}}</p>{{/if}}
{{/if}}
</section>`;

export const asked = `
<section aria-labelledby="asked">
<h2 id="asked">What was asked of the services</h2>
{{#each checks}}
<details{{#if @last}} open{{/if}}>
<summary><span class="untrusted">{{title}}</span> <span class="soft">({{summary}})</span></summary>
<table>
<caption class="spoken">{{title}}</caption>
<thead><tr><th scope="col" class="w40">Check</th><th scope="col">Wanted</th><th scope="col">Found</th></tr></thead>
<tbody>
{{#each shown}}<tr><th scope="row" class="untrusted">{{service}} <span class="asks">{{name}}</span></th><td class="untrusted">{{expected}}</td><td class="untrusted">{{found}} {{#if holds}}<span class="mark pass"><span aria-hidden="true">✓</span> holds</span>{{else}}<span class="mark fail"><span aria-hidden="true">✕</span> fails</span>{{/if}}</td></tr>
{{/each}}</tbody>
</table>
{{#if leftOut}}<p class="rest">{{rest}}</p>{{/if}}
</details>
{{else}}<p>Nothing was asked.</p>{{/each}}
</section>`;

export const lessons = `
<section aria-labelledby="lessons">
<h2 id="lessons">Lessons and actions</h2>
{{#if lessons.shown}}<ul class="list">
{{#each lessons.shown}}<li class="untrusted">{{this}}</li>
{{/each}}</ul>
{{#if lessons.leftOut}}<p class="rest">{{lessons.rest}}</p>{{/if}}
{{else}}<p>None was written down yet. What took longest? What was not known, or not at hand? What would have gone wrong at night?</p>
<p class="blank" aria-hidden="true"></p><p class="blank" aria-hidden="true"></p><p class="blank" aria-hidden="true"></p>{{/if}}
{{#if followUps.shown}}
<table>
<caption>What is to be done</caption>
<thead><tr><th scope="col" class="w50">What</th><th scope="col">Who</th><th scope="col">Until</th></tr></thead>
<tbody>
{{#each followUps.shown}}<tr><th scope="row" class="untrusted">{{what}}</th><td class="untrusted">{{who}}</td><td class="untrusted">{{until}}</td></tr>
{{/each}}</tbody>
</table>
{{#if followUps.leftOut}}<p class="rest">{{followUps.rest}}</p>{{/if}}
{{/if}}
<p class="next">To add one: <code>{{fill}}</code></p>
</section>`;

export const stack = `
<section aria-labelledby="stack">
<h2 id="stack">The stack, and its end</h2>
{{#if services.shown}}
<table>
<caption>What was raised, in disposable containers</caption>
<thead><tr><th scope="col" class="w28">Service</th><th scope="col">Server</th><th scope="col">Image</th></tr></thead>
<tbody>
{{#each services.shown}}<tr><th scope="row" class="untrusted">{{service}}</th><td class="untrusted">{{title}} {{engineVersion}}{{#if standIn}} <span class="stand-in">stand-in</span>{{/if}}{{#if replica}} and a replica{{/if}}</td><td class="untrusted">{{image}}</td></tr>
{{/each}}</tbody>
</table>
{{#if services.leftOut}}<p class="rest">{{services.rest}}</p>{{/if}}
{{/if}}
<h3 class="after">Roll-back</h3>
{{#if rollBack.shown}}<p>{{#if rolledBack}}Nothing of the stack is left but its folder.{{else}}<b class="missed">Not everything could be removed.</b>{{/if}}</p>
<ul class="plain small">
{{#each rollBack.shown}}<li class="untrusted"><span class="mark {{#if ok}}pass{{else}}fail{{/if}}"><span aria-hidden="true">{{#if ok}}✓{{else}}✕{{/if}}</span></span> {{what}}: {{said}}</li>
{{/each}}</ul>
{{#if rollBack.leftOut}}<p class="rest">{{rollBack.rest}}</p>{{/if}}
{{else}}<p>There was nothing to remove.</p>{{/if}}
{{#if notes.shown}}<h3 class="after">Worth knowing</h3>
<ul class="list">
{{#each notes.shown}}<li class="untrusted">{{this}}</li>
{{/each}}</ul>
{{#if notes.leftOut}}<p class="rest">{{notes.rest}}</p>{{/if}}{{/if}}
<dl class="pairs small after">
{{#each facts}}<dt>{{name}}</dt><dd>{{value}}</dd>
{{/each}}</dl>
</section>`;

/** What it has beside the sheet of a drill's report. */
export const gameDayStyle = `
.lane .track { fill: var(--track); }
.limit { stroke: var(--text); stroke-width: 2; }
.told { border-left: .25rem solid var(--line); padding-left: 1rem; max-width: 46rem; }
.told + .told { padding-top: .75rem; }
h3.after { margin: 1.5rem 0 .5rem; }
.blank { border-bottom: 1px solid var(--line); height: 2.25rem; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
