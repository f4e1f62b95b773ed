import type { AskedRecord, GameDayJournal } from '../../src/model/gameday-journal.ts';
import { hostileNames } from './hostile.ts';

const asked = (name: string, holds: boolean, found = 'as wanted'): AskedRecord => ({
  ...{ service: 'agama', name, holds, expected: '42' },
  found: holds ? found : '0',
});

/** A game day of the demo company that went well, by a person, with one claim too many. */
export function gameDayJournal(change: Partial<GameDayJournal> = {}): GameDayJournal {
  const checks = [asked('the payments are there', true), asked('orders as before', true)];
  return {
    format: 'firedrill-gameday',
    version: 1,
    gameDay: {
      id: '20261129T103107Z-deleted-data',
      scenario: 'deleted-data',
      title: 'A sensitive table was dropped',
      reason: 'deleted-data',
      startedAt: '2026-11-29T10:31:07.000Z',
      finishedAt: '2026-11-29T10:52:01.000Z',
      operator: 'Zoë Müller',
      robot: false,
      roles: [
        { role: 'operator', does: 'brings the data back' },
        { role: 'observer', does: 'writes down what hinders, and helps nobody' },
      ],
      situation: 'It is 10:35. Support says that invoices show\nno payments.\n\nNobody has deployed anything today.',
      limitMs: 1_800_000,
    },
    outcome: { outcome: 'recovered', sentence: 'agama was recovered in 14 m 12 s of 30 m: all 2 checks hold.' },
    exitStatus: 0,
    minutes: {
      ...{ detectionMs: 62_000, decisionMs: 240_000, restoreMs: 400_000, verificationMs: 30_000 },
      ...{ penaltyMs: 120_000, totalMs: 852_000 },
    },
    steadyBefore: [asked('the payments are there', true)],
    injected: ['agama: DROP TABLE agama.payments'],
    timeline: [
      { at: '2026-11-29T10:34:07.000Z', atMs: -1_000, who: 'firedrill', kind: 'raised', text: 'the stack is steady' },
      { at: '2026-11-29T10:34:08.000Z', atMs: 0, who: 'firedrill', kind: 'disaster', text: 'injected' },
      { at: '2026-11-29T10:35:10.000Z', atMs: 62_000, who: 'operator', kind: 'detected', text: 'a table is missing' },
      { at: '2026-11-29T10:39:10.000Z', atMs: 302_000, who: 'operator', kind: 'decided', text: 'restore one table' },
      {
        at: '2026-11-29T10:41:00.000Z',
        atMs: 412_000,
        who: 'operator',
        kind: 'hint',
        text: 'find-statement knows when',
      },
      {
        at: '2026-11-29T10:42:00.000Z',
        atMs: 472_000,
        who: 'operator',
        kind: 'claim',
        text: 'I think it is recovered',
      },
      { at: '2026-11-29T10:42:05.000Z', atMs: 477_000, who: 'firedrill', kind: 'refuted', text: '1 of 2 checks hold' },
      {
        at: '2026-11-29T10:45:50.000Z',
        atMs: 702_000,
        who: 'operator',
        kind: 'claim',
        text: 'I think it is recovered',
      },
      { at: '2026-11-29T10:46:20.000Z', atMs: 732_000, who: 'firedrill', kind: 'verified', text: '2 of 2 checks hold' },
    ],
    attempts: [
      {
        claimedMs: 472_000,
        judgedMs: 477_000,
        recovered: false,
        checks: [asked('orders as before', false), ...checks.slice(0, 1)],
      },
      { claimedMs: 702_000, judgedMs: 732_000, recovered: true, checks },
    ],
    steadyAfter: [asked('the payments are there', true)],
    rollBack: [{ what: 'container firedrill-gameday-agama', ok: true, sentence: 'removed' }],
    restores: [
      { id: '20261129T104000Z-restore', service: 'agama', outcome: 'restored', verdict: 'pass', usedMs: 41_000 },
    ],
    isolation: [{ what: 'the gateway', expected: 'unreachable', found: 'unreachable', ok: true }],
    services: [
      {
        ...{ service: 'agama', engine: 'mysql', title: 'MySQL', image: 'firedrill-mysql:9.7', engineVersion: '9.7.0' },
        ...{ standIn: false, replica: true },
      },
    ],
    lessons: ['The password of the admin account was known to one person only.'],
    followUps: [{ what: 'put it into the vault of secrets', who: 'Zoë', until: '2026-12-04' }],
    environment: {
      ...{ firedrill: '0.1.0', node: '24.1.0', docker: '20.10.24', host: 'lab', cpus: 2, memoryBytes: 24 * 1024 ** 3 },
    },
    notes: [],
    ...change,
  };
}

/** The same scenario by the robot, two days before. */
export function robotGameDay(): GameDayJournal {
  const good = gameDayJournal();
  return {
    ...good,
    gameDay: {
      ...good.gameDay,
      ...{ id: '20261127T100000Z-deleted-data', startedAt: '2026-11-27T10:00:00.000Z' },
      ...{ finishedAt: '2026-11-27T10:03:00.000Z', operator: '', robot: true },
    },
    minutes: {
      ...{ detectionMs: 900, decisionMs: 10, restoreMs: 38_000, verificationMs: 600 },
      ...{ penaltyMs: 0, totalMs: 39_510 },
    },
    attempts: good.attempts.slice(1),
    lessons: [],
    followUps: [],
  };
}

/** Given up. */
export function lostGameDay(): GameDayJournal {
  const good = gameDayJournal();
  return {
    ...good,
    gameDay: { ...good.gameDay, id: '20261128T100000Z-deleted-data', startedAt: '2026-11-28T10:00:00.000Z' },
    outcome: { outcome: 'not-recovered', sentence: 'agama was not recovered: 1 of 2 checks holds.' },
    exitStatus: 3,
    minutes: { ...good.minutes, restoreMs: null, verificationMs: null, totalMs: null },
    attempts: good.attempts.slice(0, 1),
    steadyAfter: [asked('the payments are there', false)],
    rollBack: [{ what: 'volume of agama', ok: false, sentence: 'it is in use' }],
    lessons: [],
    followUps: [],
  };
}

/** Every text that people, files, servers or tools may have chosen is hostile. */
export function hostileGameDay(): GameDayJournal {
  const text = hostileNames.join(' ');
  const good = gameDayJournal();
  const asked = hostileNames.map((name) => ({ service: name, name, holds: false, expected: text, found: name }));
  return gameDayJournal({
    gameDay: {
      ...good.gameDay,
      ...{ scenario: text, title: text, operator: text, situation: text },
      roles: hostileNames.map((role) => ({ role, does: text })),
    },
    outcome: { outcome: 'not-recovered', sentence: text },
    ...{ steadyBefore: asked, steadyAfter: asked, injected: hostileNames },
    timeline: hostileNames.map((each) => ({
      ...{ at: good.gameDay.startedAt, atMs: 1, who: 'operator' as const, kind: 'note' as const, text: each },
    })),
    attempts: [{ claimedMs: 1, judgedMs: 2, recovered: false, checks: asked }],
    rollBack: hostileNames.map((what) => ({ what, ok: false, sentence: text })),
    restores: hostileNames.map((id) => ({ id, service: id, outcome: id, verdict: id, usedMs: null })),
    services: good.services.map((each) => ({ ...each, service: text, title: text, image: text, engineVersion: text })),
    lessons: hostileNames,
    followUps: hostileNames.map((what) => ({ what, who: what, until: what })),
    notes: hostileNames,
  });
}
