export const applications = `
<section aria-labelledby="applications">
<h2 id="applications">Does it work?</h2>
<p>After all checks, and outside the restore time, these applications were run on the restored data, in the sealed pod.</p>
{{#each applications.shown}}
<article class="service">
<div class="service-head">
<h3 class="untrusted">{{application}}</h3>
<span class="mark {{outcome}}"><span aria-hidden="true">{{sign}}</span> {{word}}</span>
</div>
<dl class="pairs">
<dt>In short</dt><dd>It {{sentence}}: {{steps}}.</dd>
<dt>Uses</dt><dd>{{#if services}}{{services}}{{else}}none of the services{{/if}}</dd>
<dt>Ready after</dt><dd>{{#if ready}}{{ready}}{{else}}it never was{{/if}}</dd>
{{#if image}}{{#with image}}<dt>Image</dt><dd>{{name}}</dd>
<dt>Image id</dt><dd><code class="hash">{{id}}</code></dd>
<dt>Image digest</dt><dd>{{#if digest}}<code class="hash">{{digest}}</code>{{else}}none: built on this machine{{/if}}</dd>
{{/with}}{{else}}<dt>Image</dt><dd>none was started</dd>{{/if}}
</dl>
{{#if comparisons.shown}}{{#with comparisons}}
<details{{#unless folded}} open{{/unless}}>
<summary>Expected against found: {{total}} compared{{#if differs}}, <span class="missed">{{differing}} differ</span>{{/if}}</summary>
<table>
<caption>What was expected of {{../application}}, and what was found</caption>
<thead><tr><th scope="col" class="w40">Step</th><th scope="col">Expected</th><th scope="col">Found</th></tr></thead>
<tbody>
{{#each shown}}<tr><th scope="row">{{what}} <span class="soft small">{{check}}</span></th><td>{{expected}}</td><td>{{found}}{{#if differs}} <span class="mark fail"><span aria-hidden="true">✕</span> differs</span>{{/if}}</td></tr>
{{/each}}</tbody>
</table>
{{#if leftOut}}<p class="rest">{{rest}}</p>{{/if}}
</details>
{{/with}}{{/if}}
</article>
{{/each}}
{{#if applications.leftOut}}<p class="rest">{{applications.rest}}</p>{{/if}}
</section>`;
