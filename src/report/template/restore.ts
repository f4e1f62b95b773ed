export const restore = `
<section aria-labelledby="restore">
<h2 id="restore">What became of the target</h2>
<p class="big"><b>{{restore.outcome}}</b></p>
<table>
<caption>A real restore, after the backup was tried in the pod</caption>
<tbody>
{{#each restore.facts}}<tr><th scope="row" class="w24">{{name}}</th><td class="untrusted">{{value}}</td></tr>
{{/each}}</tbody>
</table>
{{#if restore.findings.shown}}<ul class="list">
{{#each restore.findings.shown}}<li class="untrusted">{{this}}</li>
{{/each}}</ul>{{/if}}
{{#if restore.findings.leftOut}}<p class="rest">{{restore.findings.rest}}</p>{{/if}}
</section>`;
