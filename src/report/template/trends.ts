export const series = `
<section aria-labelledby="trends">
<h2 id="trends">Trends</h2>
{{#each series}}
<article class="series">
<h3 class="untrusted">{{title}} <span class="soft">({{drills}})</span></h3>
<p class="forecast">{{forecast}}</p>
<div class="charts">
<figure>
<figcaption>Restore time against what is allowed</figcaption>
{{> chart times}}
</figure>
{{#if parts}}
<figure>
<figcaption>What it goes into</figcaption>
{{> chart parts}}
<ul class="legend" aria-label="Legend">
{{#each phases}}<li><svg aria-hidden="true"><rect class="p-{{this}}" width="100%" height="100%"/></svg>{{this}}</li>
{{/each}}</ul>
</figure>
{{/if}}
</div>
{{#each services}}
<div class="charts">
{{#if size}}<figure>
<figcaption><b class="untrusted">{{service}}</b>: size, as stored</figcaption>
{{> chart size}}
</figure>{{/if}}
{{#if rows}}<figure>
<figcaption><b class="untrusted">{{service}}</b>: rows, or values</figcaption>
{{> chart rows}}
</figure>{{/if}}
</div>
{{/each}}
{{#if rest}}<p class="rest">{{rest}}</p>{{/if}}
</article>
{{else}}<p>No drill has restored a newest backup yet.</p>{{/each}}
{{#if seriesRest}}<p class="rest">{{seriesRest}}</p>{{/if}}
</section>`;

/** Light on paper, whatever the screen is. */
export const chart = `<picture><source media="screen and (prefers-color-scheme: dark)" srcset="{{dark}}"><img src="{{light}}" width="{{width}}" height="{{height}}" alt="{{alt}}"></picture>`;
