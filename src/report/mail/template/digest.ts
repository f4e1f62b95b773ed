import { inline } from './inline.ts';

const head = (text: string) => `<th scope="col" class="soft rule" style="${inline.head}">${text}</th>`;
const cell = (text: string) => `<td class="text rule" style="${inline.cell}">${text}</td>`;

/** The mail about seven days. */
export const digest = `<tr><td style="${inline.part}"><p class="text" style="${inline.first}">{{sentence}}</p></td></tr>
{{> tiles}}
<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">Day by day</h2>
<table style="${inline.table}" cellpadding="0" cellspacing="0">
<tr>${head('Day')}${head('Drill')}${head('Result')}${head('Restore time')}</tr>
{{#each days}}{{#each rows}}<tr>${cell('{{day}}')}${cell('{{drill}}')}${cell('{{> outcome}}')}${cell('{{used}}')}</tr>
{{/each}}{{/each}}</table>
</td></tr>
{{#if times}}{{#with times}}{{> chart}}{{/with}}{{/if}}
{{#if services.shown}}<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">Proven at the end of the week</h2>
<table style="${inline.table}" cellpadding="0" cellspacing="0">
<tr>${head('Service')}${head('Newest drill')}${head('Proven until')}</tr>
{{#each services.shown}}<tr><td class="text rule" style="${inline.cell};${inline.cellName}"><b>{{name}}</b></td>${cell('{{> outcome}}')}${cell('{{until}}')}</tr>
{{/each}}</table>
{{#if services.leftOut}}<p class="soft" style="${inline.small}">{{services.rest}}</p>{{/if}}
</td></tr>{{/if}}
{{#if remarks}}<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">Worth knowing</h2>
{{#each remarks}}<p class="text" style="${inline.paragraph}">{{this}}</p>
{{/each}}</td></tr>{{/if}}
{{> foot}}`;

/** The mail about a drill of which there is no journal. */
export const fault = `<tr><td style="${inline.part}"><p class="text" style="${inline.first}">{{sentence}}</p></td></tr>
{{#if detail}}<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">What was said</h2>
{{#each detail}}<p class="text" style="${inline.paragraph}">{{this}}</p>
{{/each}}</td></tr>{{/if}}
<tr><td style="${inline.part}"><p class="text" style="${inline.paragraph}">{{last}}</p></td></tr>
{{> foot}}`;
