export const comparison = `
<section aria-labelledby="comparison">
<h2 id="comparison">Compared with the drill before</h2>
<p>The newest drill, against that of {{comparison.previousAt}}.</p>
<table>
<caption>Times, sizes and rows</caption>
<thead><tr><th scope="col" class="w24">What</th><th scope="col">Before</th><th scope="col">Now</th><th scope="col">Change</th></tr></thead>
<tbody>
{{#each comparison.whole}}{{> changeRow}}{{/each}}
{{#each comparison.services.shown}}
<tr class="group"><th scope="rowgroup" colspan="4" class="untrusted">{{service}}</th></tr>
{{#each rows}}{{> changeRow}}{{/each}}
{{/each}}</tbody>
</table>
{{#if comparison.services.leftOut}}<p class="rest">{{comparison.services.rest}}</p>{{/if}}
<h3 class="after">Checks</h3>
{{#if comparison.checks.shown}}<ul class="list">
{{#each comparison.checks.shown}}<li class="untrusted">{{this}}</li>
{{/each}}</ul>
{{#if comparison.checks.leftOut}}<p class="rest">{{comparison.checks.rest}}</p>{{/if}}
{{else}}<p>None is new, none is gone, and none ended otherwise.</p>{{/if}}
</section>`;

export const changeRow = `<tr><th scope="row">{{what}}</th><td>{{before}}</td><td>{{now}}</td><td>{{change}}</td></tr>
`;
