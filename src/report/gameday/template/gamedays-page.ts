import { head } from '../../template/head.ts';

export const lane = `<div class="lane">
<div class="lane-name"><a class="untrusted" href="{{href}}">{{name}}</a><span><span class="mark {{kind}}"><span aria-hidden="true">{{sign}}</span> {{word}}</span> <span class="soft">{{took}}</span></span></div>
<svg height="20" role="img" aria-label="{{spoken}}">
<rect class="track" width="100%" y="2" height="14"/>
{{#each bars}}<rect class="p-{{colour}}" x="{{x}}%" width="{{width}}%" y="2" height="14"/>
{{/each}}<line class="limit" x1="{{limitPercent}}%" x2="{{limitPercent}}%" y1="-1" y2="19"/>
</svg>
</div>`;

/** The overview of all game days. Every `{{ }}` is escaped, as on the report. */
export const gameDaysPage = `<!doctype html>
<html lang="en">
<head>
${head}
<title>All game days</title>
<style>{{> style}}{{> indexStyle}}{{> gameDayStyle}}</style>
</head>
<body>
<main class="wrap">
<section aria-labelledby="all">
<h1 id="all">Game days</h1>
<p class="big">{{summary}}. Where the minutes went, and how far a person is from the robot.</p>
<ul class="legend" aria-label="Legend">
{{#each legend}}<li><svg aria-hidden="true"><rect class="p-{{colour}}" width="100%" height="100%"/></svg>{{word}}</li>
{{/each}}<li><svg aria-hidden="true"><line class="limit" x1="50%" x2="50%" y1="0" y2="100%"/></svg>the limit</li>
</ul>
</section>
{{#each scenarios}}
<section aria-label="{{name}}">
<h2 class="untrusted">{{title}} <span class="soft small">{{name}}</span></h2>
<p>Limit {{limit}}. Fastest recovery: the robot {{robot}}, a person {{person}}.</p>
<figure aria-label="minutes of {{name}}">
{{#each days}}{{> lane}}
{{/each}}</figure>
{{#if rest}}<p class="rest">{{rest}}</p>{{/if}}
</section>
{{else}}
<section aria-label="none"><p>There was none yet. Run: <code>firedrill gameday</code></p></section>
{{/each}}
</main>
<footer><div class="wrap">Written by firedrill from the journals of the game days.</div></footer>
</body>
</html>
`;
