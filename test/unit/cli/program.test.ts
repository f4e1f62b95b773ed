import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { runInside } from '../../support/program.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const commands = [
  'init',
  'config check',
  'config schema',
  'doctor',
  'backup',
  'list',
  'verify',
  'plan',
  'drill',
  'sync',
  'expire',
  'find-statement',
  'restore',
  'gameday',
  'gameday lessons',
  'report',
  'report open',
  'report send',
  'report digest',
  'report index',
  'serve',
  'ledger verify',
  'metrics',
];

const mistakes: [string, RegExp, RegExp][] = [
  ['', /^a command is missing$/, /^Run: firedrill --help$/],
  ['config', /^a command is missing$/, /^Run: firedrill --help$/],
  ['bakup', /^unknown command 'bakup'$/, /^Did you mean backup\?/],
  ['config chek', /^unknown command 'chek'$/, /^Did you mean check\?/],
  ['frobnicate', /^unknown command 'frobnicate'$/, /--help/],
  ['backup --ful', /^unknown option '--ful'$/, /^Did you mean --full\?/],
  ['drill --at', /^option '--at <point>' argument missing$/, /--help/],
  ['find-statement', /^missing required argument 'service'$/, /--help/],
  ['restore one --to source', /^required option '--reason <reason>' not specified$/, /--help/],
  [
    'restore one --reason because',
    /^option '--reason <reason>' argument 'because' is invalid. Allowed choices are deleted-data, failed/,
    /--help/,
  ],
  [
    'restore one --reason hardware --measurements',
    /^option '--measurements <names\.\.\.>' argument missing$/,
    /--help/,
  ],
  ['gameday --all', /^--all is for --robot/, /gameday --help/],
  ['gameday ill --resume', /^a scenario and --resume do not go together$/, /gameday --help/],
  ['gameday --robot', /^--robot is for a scenario, or for --all$/, /gameday --help/],
  ['gameday lessons x', /^there is nothing to write down$/, /--lesson/],
  ['gameday lessons x --lesson y --who z', /^--who and --until belong to --follow-up/, /--help/],
  ['gameday lessons x --follow-up y --until soon', /^--until takes a date/, /--help/],
  ['drill a b', /^too many arguments for 'drill'/, /--help/],
];

describe('createProgram', () => {
  for (const command of commands) {
    it(`says of ${command} what it does, what it does not check, and its exit statuses`, async () => {
      const { stdout } = await runInside([...command.split(' '), '--help']);
      expect(stdout).to.match(/^Usage: firedrill /);
      expect(stdout).to.match(/^Exit status:\n {2}0 +\S/m);
      expect(stdout).to.match(/It (does not|changes nothing)|For editors|prints the path only/);
      expect(stdout).to.contain('--config <file>');
      const longest = Math.max(...stdout.split('\n').map((line) => line.length));
      expect(longest).to.be.lessThan(81);
    });
  }

  it('lists what works, and only that', async () => {
    const { stdout } = await runInside(['--help']);
    const listed = [...stdout.matchAll(/^ {2}([a-z][a-z-]*)(?: [[<]| {2})/gm)].map(([, name]) => name);
    expect(listed).to.deep.equal([
      'init',
      'config',
      'doctor',
      'backup',
      'list',
      'verify',
      'plan',
      'drill',
      'sync',
      'expire',
      'find-statement',
      'restore',
      'gameday',
      'report',
      'serve',
      'ledger',
      'daemon',
      'metrics',
      'help',
    ]);
  });

  it('explains every exit status', async () => {
    const { stdout } = await runInside(['--help']);
    const explained = [...stdout.matchAll(/^ {2}(\d+) +\S/gm)].map(([, status]) => Number(status));
    expect(explained).to.deep.equal([0, 1, 2, 3, 4, 5, 10, 11, 130]);
  });

  for (const [line, message, hint] of mistakes) {
    it(`answers "${line}" with USAGE and what to type next`, async () => {
      const error = await rejectionOf(runInside(line.split(' ').filter(Boolean)));
      expect(error).to.include({ code: 'USAGE', exit: 2 });
      expect(error.message).to.match(message);
      expect(error.hint).to.match(hint);
    });
  }

  it('names the commands when one is unknown', async () => {
    const { detail } = await rejectionOf(runInside(['frobnicate']));
    expect(detail).to.deep.equal([
      'commands are: init, config check, config schema, doctor, backup, list, verify, plan, drill, sync, expire, find-statement, restore, gameday, gameday lessons, report, report open, report summary, report annotations, report send, report digest, report index, serve, ledger verify, daemon, metrics',
    ]);
  });

  it('takes the configuration from the command line, else from the environment, else from the current folder', async () => {
    const named = async (args: string[], variables = {}) => (await rejectionOf(runInside(args, variables))).message;
    expect(await named(['list'])).to.equal('there is no configuration firedrill.yaml');
    expect(await named(['list'], { FIREDRILL_CONFIG: '/nowhere/a.yaml' })).to.match(/\/nowhere\/a\.yaml$/);
    const both = await named(['list', '--config', '/nowhere/b.yaml'], { FIREDRILL_CONFIG: '/nowhere/a.yaml' });
    expect(both).to.match(/\/nowhere\/b\.yaml$/);
  });

  it('prints the schema that the engines make', async () => {
    const { stdout } = await runInside(['config', 'schema']);
    expect(JSON.parse(stdout)).to.include({ title: 'firedrill.yaml', type: 'object' });
    expect(stdout).to.contain('"const": "file"');
  });

  it('refuses a name, an instant or a service that is none before it looks at anything else', async () => {
    await using scratch = await scratchFolder();
    const at = (name: string) => join(scratch.path, name);
    await runInside(['init', '--keys', '--config', at('firedrill.yaml')]);
    const service =
      'services: { one: &one { engine: file, reach: local, rpo: 1h, retention: 7d, settings: { content: x } }, three: *one }';
    const vaults = 'vaults: { onsite: { kind: directory, folder: vault } }';
    await writeFile(at('firedrill.yaml'), `version: 1\nkeys: { public: [keys/signing.pub] }\n${vaults}\n${service}\n`);
    for (const [args, message] of [
      [['drill', 'A/../b'], /^a drill's name is made of a–z, 0–9 and -, not: A\/\.\.\/b$/],
      [['drill', '--at', 'yesterday'], /^--at takes an instant with its zone, such as .*, not: yesterday$/],
      [['drill', '--at', '2026-11-22T01:30:00'], /^--at takes an instant with its zone/],
      [['drill', '--service', 'one', 'two'], /^there is no service two; configured are one, three$/],
      [['drill', '--at', 'before:a:1'], /^--at before: names a change of one service/],
      [['drill', '--service', 'one', '--at', 'before:a; reboot'], /^--at before: takes the name of a change/],
      [['drill', '--service', 'one', '--at', 'before:'], /^--at before: takes the name of a change/],
      [['find-statement', 'two'], /^there is no service two/],
      [['find-statement', 'one', '--from', '2026-11-22'], /^--from takes an instant with its zone/],
      [['find-statement', 'one', '--to', 'now'], /^--to takes an instant with its zone/],
      [['find-statement', 'one', '--min-rows', '0'], /^--min-rows takes a whole number from 1, not: 0$/],
      [['find-statement', 'one', '--min-rows', '1e3'], /^--min-rows takes a whole number/],
      [
        ['find-statement', 'one', '--from', '2026-11-22T02:00:00Z', '--to', '2026-11-22T01:00:00Z'],
        /^--from 2026-11-22T02:00:00\.000Z is later than --to 2026-11-22T01:00:00\.000Z$/,
      ],
      [['verify', 'two'], /^there is no service two/],
      [['list', 'one', 'two', 'four'], /^there is no service two, four/],
    ] as const) {
      const error = await rejectionOf(runInside([...args, '--config', at('firedrill.yaml')]));
      expect(error.code).to.equal('USAGE');
      expect(error.message).to.match(message);
    }
    const unsigned = await rejectionOf(runInside(['backup', '--config', at('firedrill.yaml')]));
    expect(unsigned).to.include({ code: 'KEY_INVALID', exit: 2 });
    expect(unsigned.message).to.match(/no private key is configured/);
  });
});
