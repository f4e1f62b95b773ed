export const calendar = `
<section aria-labelledby="calendar">
<h2 id="calendar">Twelve months</h2>
<p>{{calendar.summary}}</p>
<div class="months">
{{#each calendar.months}}
<table class="month">
<caption>{{name}}</caption>
<thead><tr><th scope="col"><abbr title="Monday">M</abbr></th><th scope="col"><abbr title="Tuesday">T</abbr></th><th scope="col"><abbr title="Wednesday">W</abbr></th><th scope="col"><abbr title="Thursday">T</abbr></th><th scope="col"><abbr title="Friday">F</abbr></th><th scope="col"><abbr title="Saturday">S</abbr></th><th scope="col"><abbr title="Sunday">S</abbr></th></tr></thead>
<tbody>
{{#each weeks}}<tr>{{#each this}}<td class="day {{kind}}"{{#if words}} title="{{words}}"{{/if}}>{{#if href}}<a href="{{href}}">{{day}} <span class="sign" aria-hidden="true">{{sign}}</span><span class="spoken">{{words}}</span></a>{{else}}{{day}}{{#if words}}<span class="spoken"> {{words}}</span>{{/if}}{{/if}}</td>{{/each}}</tr>
{{/each}}</tbody>
</table>
{{/each}}
</div>
<ul class="legend" aria-label="Legend">
<li><span class="key pass1" aria-hidden="true">✓</span>passed, in at most half of the time that is allowed</li>
<li><span class="key pass2" aria-hidden="true">✓</span>in up to 80 %</li>
<li><span class="key pass3" aria-hidden="true">✓</span>in more</li>
<li><span class="key fail" aria-hidden="true">✕</span>failed</li>
<li><span class="key inconclusive" aria-hidden="true">?</span>inconclusive</li>
<li><span class="key none" aria-hidden="true"></span>no drill</li>
</ul>
</section>`;
