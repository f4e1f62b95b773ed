export const services = `
<section aria-labelledby="services">
<h2 id="services">Services</h2>
{{#if services.skew}}<p>Between the oldest and the newest of the instants that the services were restored to lie {{services.skew}}.</p>{{/if}}
{{#each services.shown}}{{> service}}{{else}}<p>No service was drilled.</p>{{/each}}
{{#if services.leftOut}}<p class="rest">{{services.rest}}</p>{{/if}}
</section>`;

export const service = `
<article class="service">
<div class="service-head">
<h3 class="untrusted">{{service}}</h3>
<span class="mark {{outcome}}"><span aria-hidden="true">{{sign}}</span> {{word}}</span>
</div>
<dl class="pairs">
<dt>Engine</dt><dd>{{engine.title}} {{engine.version}} {{#if engine.standIn}}<span class="stand-in">stand-in, not the real engine</span>{{/if}}</dd>
{{#if members.shown}}
<dt>{{#if ready}}Restored{{else}}Was to be restored{{/if}}</dt><dd>{{set}}
<ul class="plain">{{#each members.shown}}<li>{{id}} <span class="soft">({{kind}}, {{size}} in {{files}}, from {{sourceHost}})</span></li>{{/each}}</ul>
{{#if members.leftOut}}<span class="rest">{{members.rest}}</span>{{/if}}</dd>
<dt>To the instant</dt><dd>{{dataAt}}</dd>
{{else}}<dt>Restored</dt><dd>nothing: no usable backup was found</dd>{{/if}}
<dt>Newest event</dt><dd>{{#if newest}}{{newest.at}} <span class="soft">({{newest.basis}})</span>{{else}}not measured{{/if}}</dd>
<dt>Back after</dt><dd>{{#if ready}}{{ready}}{{else}}it did not come back{{/if}}</dd>
<dt>Would be lost</dt><dd>{{#if rpo}}{{#unless ready}}Could it be restored: {{/unless}}{{#with rpo}}<b>{{measured}}</b> of {{objective}}: <span{{#if over}} class="missed"{{/if}}>{{words}}</span>
<svg class="bar rpo-bar" height="8" aria-hidden="true"><rect class="track" width="100%" height="8" rx="2"/><rect class="used{{#if over}} over{{/if}}" width="{{usedPercent}}%" height="8" rx="2"/><line class="limit" x1="{{limitPercent}}%" x2="{{limitPercent}}%" y1="-2" y2="10"/></svg>
{{/with}}{{else}}not known; allowed are {{rpoObjective}}{{/if}}</dd>
{{#if gap}}<dt>Longest gap</dt><dd>{{gap.longest}} without a restore point since the last drill{{#if gap.over}}, <span class="missed">more than the {{rpoObjective}} allowed</span>{{/if}}</dd>{{/if}}
{{#if panels}}<dt>Dashboards</dt><dd>{{panels}} found data in what was restored beside it</dd>{{/if}}
{{#if heartbeat}}<dt>Heartbeat</dt><dd>{{heartbeat}}</dd>{{/if}}
</dl>
{{#if comparisons.shown}}{{#with comparisons}}
<details{{#unless folded}} open{{/unless}}>
<summary>Expected against found: {{total}} compared{{#if differs}}, <span class="missed">{{differing}} differ</span>{{/if}}</summary>
<table>
<caption>What was expected of {{../service}}, and what was found</caption>
<thead><tr><th scope="col" class="w40">What</th><th scope="col">Expected</th><th scope="col">Found</th></tr></thead>
<tbody>
{{#each shown}}<tr><th scope="row">{{what}} <span class="soft small">{{check}}</span></th><td>{{expected}}</td><td>{{found}}{{#if differs}} <span class="mark fail"><span aria-hidden="true">✕</span> differs</span>{{/if}}{{#if allowed}} <span class="soft">(allowed)</span>{{/if}}</td></tr>
{{/each}}</tbody>
</table>
{{#if leftOut}}<p class="rest">{{rest}}</p>{{/if}}
</details>
{{/with}}{{/if}}
</article>`;
