export const findings = `
<section aria-labelledby="findings">
<h2 id="findings">Findings</h2>
{{#if findings.total}}
<ol class="findings">
{{#each findings.shown}}
<li class="finding {{outcome}}">
<p class="small"><span class="mark {{outcome}}"><span aria-hidden="true">{{sign}}</span> {{word}}</span> · <span class="untrusted">{{service}}</span> · {{check}}</p>
<h3 class="untrusted">{{sentence}}</h3>
<p class="small soft">The check asks: {{asks}}</p>
{{#if compared}}<dl class="pairs">{{#if expected}}<dt>Expected</dt><dd class="pre">{{expected}}</dd>{{/if}}{{#if found}}<dt>Found</dt><dd class="pre">{{found}}</dd>{{/if}}</dl>{{/if}}
{{#if next.given}}<p class="next"><b>Next:</b> {{next.before}}{{#if next.command}}<code>{{next.command}}</code>{{/if}}{{next.after}}</p>{{/if}}
</li>
{{/each}}
</ol>
{{#if findings.leftOut}}<p class="rest">{{findings.rest}}</p>{{/if}}
{{else}}<p>None.</p>{{/if}}
{{#if lastGood.shown}}
<h3 class="after">What can still be restored</h3>
<ul class="list">
{{#each lastGood.shown}}<li class="untrusted">{{this}}</li>
{{/each}}</ul>
{{#if lastGood.leftOut}}<p class="rest">{{lastGood.rest}}</p>{{/if}}
{{/if}}
</section>`;
