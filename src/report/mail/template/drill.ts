import { inline } from './inline.ts';

/** What a word of an outcome looks like in a table. */
export const outcome = `<span class="{{#if isGood}}ok{{else}}{{#if isBad}}bad{{else}}unclear{{/if}}{{/if}}" style="font-weight:bold;color:{{#if isGood}}#0a6238{{else}}{{#if isBad}}#a31219{{else}}#744700{{/if}}{{/if}}"><span aria-hidden="true">{{sign}}</span>&nbsp;{{word}}</span>`;

const head = (text: string) => `<th scope="col" class="soft rule" style="${inline.head}">${text}</th>`;

/** The mail about one drill. */
export const drill = `<tr><td style="${inline.part}"><p class="text" style="${inline.first}">{{sentence}}</p></td></tr>
{{> tiles}}
{{#if findings.shown}}<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">What was found</h2>
{{#each findings.shown}}<p class="text" style="${inline.paragraph}">{{sentence}}{{#if next.given}}<br><span class="soft" style="${inline.cellSmall}">next: {{next.before}}{{#if next.command}}<code style="${inline.code}">{{next.command}}</code>{{/if}}{{next.after}}</span>{{/if}}</p>
{{/each}}{{#if findings.leftOut}}<p class="soft" style="${inline.small}">{{findings.rest}}</p>{{/if}}
</td></tr>{{/if}}
{{#if times}}{{#with times}}{{> chart}}{{/with}}{{/if}}
<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">The services</h2>
<table style="${inline.table}" cellpadding="0" cellspacing="0">
<tr>${head('Service')}${head('Result')}${head('Back after')}${head('Data until')}</tr>
{{#each services.shown}}<tr><td class="text rule" style="${inline.cell};${inline.cellName}"><b>{{name}}</b><br><span class="soft" style="${inline.cellSmall}">{{engine}}</span></td><td class="text rule" style="${inline.cell}">{{> outcome}}</td><td class="text rule" style="${inline.cell}">{{ready}}</td><td class="text rule" style="${inline.cell}">{{until}}</td></tr>
{{/each}}</table>
{{#if services.leftOut}}<p class="soft" style="${inline.small}">{{services.rest}}</p>{{/if}}
</td></tr>
{{#if losses}}{{#with losses}}{{> chart}}{{/with}}{{/if}}
{{#if remarks}}<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">Worth knowing</h2>
{{#each remarks}}<p class="text" style="${inline.paragraph}">{{this}}</p>
{{/each}}</td></tr>{{/if}}
{{> foot}}`;
