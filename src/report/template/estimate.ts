export const estimate = `
<p class="untrusted">{{estimate.words}}{{#if estimate.past}} {{estimate.past}}{{/if}}</p>
<details>
<summary>Estimated and measured, service by service</summary>
<table>
<caption>From the order to restore until it was ready</caption>
<thead><tr><th scope="col" class="w28">Service</th><th scope="col">Estimated</th><th scope="col" class="num w20">Took</th><th scope="col" class="w20">By</th></tr></thead>
<tbody>
{{#each estimate.rows.shown}}<tr><th scope="row" class="untrusted">{{service}}</th><td>{{estimated}}</td><td class="num">{{took}}</td><td>{{by}}</td></tr>
{{/each}}</tbody>
</table>
{{#if estimate.rows.leftOut}}<p class="rest">{{estimate.rows.rest}}</p>{{/if}}
</details>`;
