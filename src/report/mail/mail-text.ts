import type { mailView } from './mail-view.ts';

/** The same as the HTML, for whoever reads no HTML. */
export function mailText(view: ReturnType<typeof mailView>): string {
  const { sentence, word, about, tiles, findings, services, remarks, foot } = view;
  return [
    sentence,
    '',
    `${word} · ${about}`,
    ...tiles.map(({ label, value, of }) => `${label}: ${value} ${of}`),
    ...section('What was found', [
      ...findings.shown.map(({ sentence: found, next }) =>
        next.given ? `- ${found}\n  next: ${next.before}${next.command}${next.after}` : `- ${found}`,
      ),
      ...(findings.leftOut > 0 ? [findings.rest] : []),
    ]),
    ...section('The services', [
      ...services.shown.map(
        ({ name, engine, word: outcome, ready, until }) =>
          `- ${name} (${engine}): ${outcome}; ${ready === 'did not come back' ? ready : `back after ${ready}`}; data until ${until}`,
      ),
      ...(services.leftOut > 0 ? [services.rest] : []),
    ]),
    ...section('Worth knowing', remarks),
    ...section('--', foot),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}
