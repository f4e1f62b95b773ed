export const verdict = `
<header class="verdict {{verdict.kind}}">
<div class="wrap">
<h1><span class="word"><span aria-hidden="true">{{verdict.sign}}</span> {{verdict.word}}</span>
<span class="lead untrusted">{{verdict.lead}}</span></h1>
<p class="sentence untrusted">{{verdict.sentence}}</p>
<p class="where soft">{{#if restore}}Restore into {{verdict.target}}{{else}}Restore drill{{/if}} <b class="untrusted">{{verdict.drill}}</b>, {{verdict.startedAt}}{{#if verdict.asOf}}, judged as of {{verdict.asOf}}{{/if}}</p>
<dl class="tiles">
{{#each verdict.tiles}}<div><dt class="soft">{{label}}</dt><dd><b>{{value}}</b> <span class="soft">{{of}}</span></dd></div>
{{/each}}</dl>
</div>
</header>`;

export const rto = `
<section aria-labelledby="rto">
<h2 id="rto">Restore time against its objective (RTO)</h2>
{{#if rto.share}}{{#with rto.share}}
<p class="big"><b>{{measured}}</b> of {{objective}}: <span{{#if over}} class="missed"{{/if}}>{{words}}</span>.</p>
<svg class="bar" height="22" role="img" aria-label="{{measured}} used of {{objective}}">
<rect class="track" width="100%" height="22" rx="3"/>
<rect class="used{{#if over}} over{{/if}}" width="{{usedPercent}}%" height="22" rx="3"/>
<line class="limit" x1="{{limitPercent}}%" x2="{{limitPercent}}%" y1="-4" y2="26"/>
</svg>
<p class="ends"><span>0</span><span>{{#if over}}{{measured}}{{else}}{{objective}}, the objective{{/if}}</span></p>
{{#if over}}<p class="small soft">The upright line is the objective, {{objective}}.</p>{{/if}}
{{/with}}{{else}}
<p class="big"><b>Not reached.</b> {{rto.absent}}</p>
<svg class="bar" height="22" role="img" aria-label="no restore time; the objective is {{rto.objective}}">
<rect class="track" width="100%" height="22" rx="3"/>
</svg>
<p class="ends"><span>0</span><span>{{rto.objective}}, the objective</span></p>
{{/if}}
{{#if estimate}}{{> estimate}}{{/if}}
</section>`;

export const limits = `
<section aria-labelledby="limits">
<h2 id="limits">What this drill does not prove</h2>
<ul class="list">
{{#each limits.shown}}<li class="untrusted">{{this}}</li>
{{/each}}</ul>
{{#if limits.leftOut}}<p class="rest">{{limits.rest}}</p>{{/if}}
</section>`;
