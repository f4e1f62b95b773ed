import { didYouMean } from '../../../kit/did-you-mean.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import type { GrafanaFacts } from '../facts.ts';
import type { Organisation } from './live.ts';

export type OrganisationFacts = GrafanaFacts['organisations'][number];

const maxShown = 30;

/**
 * The organisation of the backup that is the live one, by name, else by number: what is of another never gets there. USAGE
 * when it holds not all of these dashboards.
 */
export function organisationHolding(
  facts: GrafanaFacts,
  live: Organisation,
  uids: readonly string[],
): OrganisationFacts {
  const { organisations } = facts;
  const own = organisations.find(({ name }) => name === live.name) ?? organisations.find(({ id }) => id === live.id);
  const held = own?.items.dashboards.map(({ key }) => key) ?? [];
  const missing = uids.find((uid) => !held.includes(uid));
  if (own && missing === undefined) return own;
  const shown = held.slice(0, maxShown).map((uid) => plainLine(uid, 40));
  const hint = own
    ? `Dashboards are, by the uid in their address (/d/<uid>/…): ${shown.join(', ')}`
    : `Name a token of an organisation that was backed up: ${organisations.map(sayOrganisation).join(', ')}`;
  throw new FiredrillError('USAGE', whyNot(facts, own, live, missing ?? ''), { hint });
}

function whyNot(
  { organisations }: GrafanaFacts,
  own: OrganisationFacts | undefined,
  live: Organisation,
  missing: string,
): string {
  if (!own) return `the backup holds no organisation ${sayOrganisation(live)}, to which the token belongs`;
  const holds = ({ items }: OrganisationFacts) => items.dashboards.some(({ key }) => key === missing);
  const other = organisations.find(holds);
  const uid = plainLine(missing, 40);
  if (other)
    return `dashboard ${uid} is of organisation ${sayOrganisation(other)}, and the token of ${sayOrganisation(live)}`;
  const meant = didYouMean(
    missing,
    own.items.dashboards.map(({ key }) => key),
  );
  const perhaps = meant === undefined ? '' : `; did you mean ${plainLine(meant, 40)}?`;
  return `there is no dashboard ${uid} at that point of the backup${perhaps}`;
}

const sayOrganisation = ({ name, id }: Organisation) => `${plainLine(name, 60)} (${id})`;
