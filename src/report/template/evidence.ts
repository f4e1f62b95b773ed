export const checks = `
<section aria-labelledby="checks">
<h2 id="checks">All checks</h2>
<p>{{#each checks.counts}}{{#unless @first}}, {{/unless}}<span class="mark {{outcome}}"><span aria-hidden="true">{{sign}}</span> {{n}} {{word}}</span>{{else}}No check gave a result.{{/each}}</p>
{{#if checks.shown}}
<table>
<caption>What each check asks, how it ended, and how much of what it had to look at it looked at</caption>
<thead><tr><th scope="col" class="w50">Check</th><th scope="col">Outcome</th><th scope="col" class="w24">Looked at</th></tr></thead>
{{#each checks.shown}}
<tbody>
<tr class="group"><th scope="rowgroup" colspan="3">{{name}}{{#if title}} <span class="soft">({{title}})</span>{{/if}}</th></tr>
{{#each checks.shown}}<tr><th scope="row">{{check}} <span class="asks">{{asks}}</span></th><td><span class="mark {{outcome}}"><span aria-hidden="true">{{sign}}</span> {{word}}</span></td><td>{{lookedAt}} of {{expected}} {{subjects}}</td></tr>
{{/each}}
{{#if checks.leftOut}}<tr><td colspan="3" class="rest">{{checks.rest}}</td></tr>{{/if}}
</tbody>
{{/each}}
</table>
{{#if checks.leftOut}}<p class="rest">{{checks.rest}}</p>{{/if}}
{{/if}}
</section>`;

export const isolation = `
<section aria-labelledby="isolation">
<h2 id="isolation">Was the restored copy sealed off?</h2>
<p>{{isolation.sentence}}</p>
{{#if isolation.tried}}
<table>
<caption>Tried from inside the pod</caption>
<thead><tr><th scope="col" class="w40">Tried</th><th scope="col">Must be</th><th scope="col">Found</th></tr></thead>
<tbody>
{{#each isolation.shown}}<tr><th scope="row">{{what}}</th><td>{{expected}}</td><td>{{found}} {{#if ok}}<span class="mark pass"><span aria-hidden="true">✓</span> as it must</span>{{else}}<span class="mark fail"><span aria-hidden="true">✕</span> not as it must</span>{{/if}}</td></tr>
{{/each}}</tbody>
</table>
{{#if isolation.leftOut}}<p class="rest">{{isolation.rest}}</p>{{/if}}
{{/if}}
</section>`;

export const origins = `
<section aria-labelledby="origins">
<h2 id="origins">Where all this comes from</h2>
<dl class="pairs small">
{{#each origins.facts}}<dt>{{name}}</dt><dd>{{value}}</dd>
{{/each}}</dl>
{{#each origins.services.shown}}
<article class="service">
<h3 class="untrusted">{{service}} <span class="soft small">{{engine}}</span></h3>
<dl class="pairs small">
{{#if image}}{{#with image}}<dt>Image</dt><dd>{{name}}{{#if standIn}} <span class="stand-in">stand-in</span>{{/if}}</dd>
<dt>Image id</dt><dd><code class="hash">{{id}}</code></dd>
<dt>Image digest</dt><dd>{{#if digest}}<code class="hash">{{digest}}</code>{{else}}none: built on this machine{{/if}}</dd>
{{/with}}{{else}}<dt>Image</dt><dd>none was started</dd>{{/if}}
{{#each members.shown}}<dt>Member</dt><dd>{{id}}, finished {{finishedAt}}, from {{source}}{{#if tools}}, written by {{tools}}{{/if}}</dd>
<dt>Manifest SHA-256</dt><dd><code class="hash">{{manifestSha256}}</code></dd>
{{/each}}</dl>
{{#if members.leftOut}}<p class="rest">{{members.rest}}</p>{{/if}}
</article>
{{/each}}
{{#if origins.services.leftOut}}<p class="rest">{{origins.services.rest}}</p>{{/if}}
</section>`;
