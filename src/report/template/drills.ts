export const drills = `
<section aria-labelledby="drills">
<h2 id="drills">All drills</h2>
{{#if drills.newest}}
<table class="drills">
<caption>Newest first, each with its report</caption>
{{> drillsHead}}
<tbody>
{{#each drills.newest}}{{> drillRow}}{{/each}}</tbody>
</table>
{{#if drills.folded}}
<details class="older">
<summary>{{drills.foldedWords}}</summary>
<table class="drills">
<caption>Older drills, each with its report</caption>
{{> drillsHead}}
<tbody>
{{#each drills.folded}}{{> drillRow}}{{/each}}</tbody>
</table>
</details>
{{/if}}
{{#if drills.rest}}<p class="rest">{{drills.rest}}</p>{{/if}}
{{else}}<p>There is none.</p>{{/if}}
</section>`;

export const drillsHead = `<thead><tr><th scope="col" class="when">Begun</th><th scope="col" class="outcome">Verdict</th><th scope="col">Restore time</th></tr></thead>`;

export const drillRow = `<tr><th scope="row"><a href="{{href}}">{{when}}</a> <span class="soft untrusted">{{name}}, from {{vault}}{{#if chosen}}, an older point{{/if}}</span></th><td><span class="mark {{outcome}}"><span aria-hidden="true">{{sign}}</span> {{word}}</span> <span class="soft">{{services}}</span></td><td{{#if over}} class="missed"{{/if}}>{{used}}</td></tr>
{{#if said}}<tr class="said"><td colspan="3" class="soft small untrusted">{{said}}</td></tr>
{{/if}}`;
