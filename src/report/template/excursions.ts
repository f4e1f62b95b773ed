export const excursions = `
<section aria-labelledby="excursions">
<h2 id="excursions">Older backups that were restored as well</h2>
{{#if excursions.worst}}<p>The longest of all restores took {{excursions.worst}}.</p>{{/if}}
<table>
<caption>One service each, in a pod of its own, beside the drill and not in its restore time</caption>
<thead><tr><th scope="col" class="w50">Restore point</th><th scope="col">Outcome</th><th scope="col" class="w24">Took</th></tr></thead>
<tbody>
{{#each excursions.shown}}<tr><th scope="row"><b>{{service}}</b>: {{point}} <span class="asks">{{reason}}; {{of}}</span>{{#if sentence}}<span class="asks">{{sentence}}</span>{{/if}}</th><td><span class="mark {{outcome}}"><span aria-hidden="true">{{sign}}</span> {{word}}</span></td><td>{{took}}</td></tr>
{{/each}}</tbody>
</table>
{{#if excursions.leftOut}}<p class="rest">{{excursions.rest}}</p>{{/if}}
</section>`;
