import { inline } from '../../mail/template/inline.ts';

const head = (text: string) => `<th scope="col" class="soft rule" style="${inline.head}">${text}</th>`;
const cell = (text: string) => `<td class="text rule" style="${inline.cell};${inline.cellName}">${text}</td>`;

/** The mail about one game day. */
export const gameDayMail = `<tr><td style="${inline.part}"><p class="text" style="${inline.first}">{{sentence}}</p></td></tr>
{{> tiles}}
<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">Where the minutes went</h2>
<table style="${inline.table}" cellpadding="0" cellspacing="0">
<tr>${head('Who, when')}${head('Seen')}${head('Decided')}${head('Restored')}${head('Verified')}${head('In all')}</tr>
{{#each days}}<tr>${cell('<b>{{who}}</b><br>{{when}}')}${cell('{{detection}}')}${cell('{{decision}}')}${cell('{{restore}}')}${cell('{{verification}}')}${cell('{{total}}')}</tr>
{{/each}}</table>
</td></tr>
{{#if refuted}}<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">What did not hold at the last claim</h2>
{{#each refuted}}<p class="text" style="${inline.paragraph}">{{this}}</p>
{{/each}}</td></tr>{{/if}}
{{#if lessons}}<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">Lessons, and what is to be done</h2>
{{#each lessons}}<p class="text" style="${inline.paragraph}">{{this}}</p>
{{/each}}</td></tr>{{/if}}
{{> foot}}`;
