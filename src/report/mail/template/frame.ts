import { inline, sheet } from './inline.ts';

/** Around every mail: `{{> content}}` is its rows. Every `{{ }}` is escaped. */
export const frame = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{subject}}</title>
<style>${sheet}</style>
</head>
<body class="ground" style="${inline.ground}">
<table role="presentation" class="ground" style="${inline.outer}" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:12px 8px">
<table role="presentation" class="card" style="${inline.card}" cellpadding="0" cellspacing="0">
{{> band}}
{{> content}}
</table>
</td></tr></table>
</body>
</html>
`;

const bandOf = (colour: string) =>
  `<tr><td style="${inline.band};background:${colour}"><span aria-hidden="true">{{sign}}</span> {{word}}<br><span style="${inline.bandSmall}">{{about}}</span></td></tr>`;

/** The word that everything is about, on a ground that is dark in both schemes. */
export const bandTemplate = `{{#if isPass}}${bandOf('#0a6238')}{{/if}}{{#if isFail}}${bandOf('#a31219')}{{/if}}{{#if isUnclear}}${bandOf('#744700')}{{/if}}`;

/** An image of the mail itself, with its content in words for whoever does not see it. */
export const chart = `<tr><td style="${inline.part}">
<h2 class="text" style="${inline.heading}">{{title}}</h2>
<img src="cid:{{cid}}" width="520" alt="{{alt}}" style="${inline.image}">
</td></tr>`;

export const tiles = `<tr><td style="${inline.part}">
<table role="presentation" style="${inline.table}" cellpadding="0" cellspacing="0"><tr>
{{#each tiles}}<td style="${inline.tile}"><span class="soft" style="${inline.tileLabel}">{{label}}</span><br><span class="text" style="${inline.tileValue}">{{value}}</span><br><span class="soft" style="${inline.tileLabel}">{{of}}</span></td>
{{/each}}</tr></table>
</td></tr>`;

export const foot = `<tr><td style="${inline.last}">
{{#each foot}}<p class="soft" style="${inline.small}">{{this}}</p>
{{/each}}</td></tr>`;
