export const timeline = `
<section aria-labelledby="timeline">
<h2 id="timeline">What took how long</h2>
{{#if timeline.empty}}<p>Nothing was begun.</p>{{else}}
{{#if timeline.cost}}<p>{{timeline.cost}}</p>{{/if}}
<figure aria-labelledby="timeline">
{{#each timeline.lanes.shown}}
<div class="lane">
<div class="lane-name"><b class="untrusted">{{name}}</b><span class="soft">{{note}}</span></div>
<svg height="32" role="img" aria-label="{{spoken}}">
{{#each ../timeline.ticks}}<line class="grid" x1="{{x}}%" x2="{{x}}%" y1="0" y2="32"/>{{/each}}
{{#each bars}}<rect class="p-{{phase}}" x="{{x}}%" width="{{width}}%" y="2" height="20"/>
{{#if label}}<text x="{{x}}%" dx="5" y="16">{{label}}</text>{{/if}}
{{/each}}
{{#each native}}<rect class="native" x="{{x}}%" width="{{width}}%" y="24" height="5"/>{{/each}}
{{#if readyPercent}}<line class="ready" x1="{{readyPercent}}%" x2="{{readyPercent}}%" y1="-1" y2="32"/>{{/if}}
</svg>
</div>
{{/each}}
<svg class="axis" height="18" aria-hidden="true">
{{#each timeline.ticks}}<text x="{{x}}%" y="14" text-anchor="{{anchor}}">{{label}}</text>{{/each}}
</svg>
{{#if timeline.lanes.leftOut}}<p class="rest">{{timeline.lanes.rest}}</p>{{/if}}
<ul class="legend" aria-label="Legend">
{{#each timeline.phases}}<li><svg aria-hidden="true"><rect class="p-{{this}}" width="100%" height="100%"/></svg>{{this}}</li>
{{/each}}{{#if timeline.hasNative}}<li><svg aria-hidden="true"><rect class="native" width="100%" y="4" height="5"/></svg>the engine’s own work</li>{{/if}}
{{#if timeline.hasReady}}<li><svg aria-hidden="true"><line class="ready" x1="50%" x2="50%" y1="0" y2="100%"/></svg>back</li>{{/if}}
</ul>
</figure>
<details>
<summary>The same in numbers</summary>
<table>
<caption>Each step, from the order to restore on</caption>
<thead><tr><th scope="col" class="w28">Of</th><th scope="col">Step</th><th scope="col" class="num w20">From</th><th scope="col" class="num w20">Took</th></tr></thead>
<tbody>
{{#each timeline.rows.shown}}<tr><th scope="row">{{service}}</th><td>{{step}}</td><td class="num">{{from}}</td><td class="num">{{took}}</td></tr>
{{/each}}</tbody>
</table>
{{#if timeline.rows.leftOut}}<p class="rest">{{timeline.rows.rest}}</p>{{/if}}
</details>
{{/if}}
</section>`;
