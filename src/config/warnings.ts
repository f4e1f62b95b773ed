import { formatDuration } from '../kit/units.ts';
import type { Config } from './config.ts';

const dayMs = 86_400_000;

/** What is allowed and yet probably not meant, one sentence each. */
export function configWarnings(config: Config): string[] {
  const { vaults, unused, services, schedules } = config;
  const [first, ...others] = vaults;
  const onlyDaily = schedules !== undefined && !schedules.includes('hourly');
  return [
    ...others.map(({ label }) => `vaults.${label}: this version uses the first vault, ${first?.label}, and no other`),
    ...unused.map((key) => `${key}: is judged, but this version does nothing with it`),
    ...services
      .filter(({ objectives }) => onlyDaily && objectives.rpoMs < dayMs)
      .map(({ service, objectives: { rpoMs } }) => {
        const rpo = formatDuration(rpoMs);
        return `services.${service}.rpo: ${rpo} cannot be met by nightly backups; add schedules.hourly`;
      }),
    ...services.flatMap(({ service, reach }) =>
      reach.kind === 'ssh' && reach.identityFile === undefined && reach.agentSocket === undefined
        ? [`services.${service}.reach.ssh: neither identityFile nor agentSocket is named: no login can succeed`]
        : [],
    ),
  ];
}
