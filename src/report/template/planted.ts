export const planted = `
<section aria-labelledby="planted">
<h2 id="planted">Would the drill have noticed?</h2>
{{#with planted}}
<p>A fault was planted into a copy of one backup, and the copy was drilled, outside the restore time.</p>
<dl class="pairs">
<dt>Planted</dt><dd>{{title}} <span class="soft">({{saboteur}}, in a copy of <span class="untrusted">{{service}}</span>)</span></dd>
<dt>What was done</dt><dd class="untrusted">{{how}}</dd>
<dt>Caught by</dt><dd><b>{{caughtBy}}</b> <span class="mark {{outcome}}"><span aria-hidden="true">{{sign}}</span> {{word}}</span></dd>
{{#if sentence}}<dt>What was said</dt><dd class="untrusted">{{sentence}}</dd>{{/if}}
<dt>To repeat it</dt><dd><code>firedrill drill --seed {{seed}}</code></dd>
</dl>
{{/with}}
</section>`;
