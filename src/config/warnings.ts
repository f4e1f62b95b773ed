import { formatDuration } from '../kit/units.ts';
import { type Config, reachesOf } from './config.ts';
import { isLoopback } from './notify-schema.ts';

const dayMs = 86_400_000;

/** What is allowed and yet probably not meant, one sentence each. */
export function configWarnings(config: Config): string[] {
  const { services, schedules } = config;
  const onlyDaily = schedules.hourly === null;
  return [
    ...vaultWarnings(config),
    ...services
      .filter(({ objectives }) => onlyDaily && objectives.rpoMs < dayMs)
      .map(({ service, objectives: { rpoMs } }) => {
        const rpo = formatDuration(rpoMs);
        return `services.${service}.rpo: ${rpo} cannot be met by nightly backups, and schedules.hourly is never`;
      }),
    ...reachesOf(config).flatMap(([path, reach]) =>
      reach.kind === 'ssh' && reach.identityFile === undefined && reach.agentSocket === undefined
        ? [`${path}.ssh: ${noLogin}`]
        : [],
    ),
    ...(schedules.buildingBurned && config.signingKeyFile !== undefined ? [burnedOnMaker] : []),
    ...notifyWarnings(config),
  ];
}

const burnedOnMaker =
  'schedules.buildingBurned.identity: this machine makes backups; whoever breaks into it could read all that it ever sent to the other vault';

function notifyWarnings({ mail, notify }: Config): string[] {
  const urls = Object.entries({ ...notify?.pings, webhook: notify?.webhook?.url });
  return [
    ...(mail?.smtp.port === 465 && mail.smtp.tls !== 'implicit'
      ? ['mail.smtp.tls: servers on port 465 await implicit']
      : []),
    ...(mail && ['opportunistic', 'none'].includes(mail.smtp.tls) && !isLoopback(mail.smtp.host)
      ? [`mail.smtp.tls: ${mail.smtp.tls}: whoever is on the way can read the reports`]
      : []),
    ...urls
      .filter(([, url]) => typeof url === 'string' && url.startsWith('http:') && !isLoopback(new URL(url).hostname))
      .map(([key]) => `notify: the URL of ${key} is of http: whoever is on the way can read and forge what is told`),
  ];
}

const noLogin = 'neither identityFile nor agentSocket is named: no login can succeed';

function vaultWarnings({ vaults, services, signingKeyFile, drill }: Config): string[] {
  const makesBackups = signingKeyFile !== undefined;
  return [
    ...vaults.flatMap((vault) => {
      const at = `vaults.${vault.label}`;
      return [
        ...(vault.kind === 'sftp' && !vault.ssh.identityFile && !vault.ssh.agentSocket ? [`${at}: ${noLogin}`] : []),
        ...services
          .filter(
            ({ objectives }) => vault !== vaults[0] && (vault.retentionDays ?? Infinity) < objectives.retentionDays,
          )
          .map(
            ({ service }) =>
              `${at}.retention: shorter than that of ${service}: what expires there, sync copies there again`,
          ),
        ...(makesBackups && vault.ageIdentityFile
          ? [
              `${at}.ageIdentityFile: this machine makes backups; whoever breaks into it could read all that it ever sent there`,
            ]
          : []),
        ...(vault.kind === 'sftp' && vault.recipients.length === 0
          ? [`${at}: no recipients are named: whoever holds that machine can read the backups`]
          : []),
        ...(vault.sameMachineAllowed
          ? [`${at}.sameMachineAllowed: a fire, or one broken disk, may take both copies`]
          : []),
      ];
    }),
    ...(drill.from !== 'onsite' && vaults.length < 2 ? [`drill.from: there is one vault only: it is drilled`] : []),
  ];
}
