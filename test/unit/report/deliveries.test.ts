import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { deliveriesFile, readDeliveries, recordDelivery } from '../../../src/report/deliveries.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const record = (about: string) => ({
  ...{ at: '2026-11-22T02:20:00.000Z', channel: 'mail' as const, about, outcome: 'accepted' as const },
  ...{ accepted: ['a@example.com'], refused: [], messageId: '<1@x>', reply: '250 ok' },
});

describe('recordDelivery', () => {
  it('appends, and reads in the order of time; a folder without any has none', async () => {
    await using folder = await scratchFolder();
    expect(await readDeliveries(folder.path)).to.deep.equal([]);
    await recordDelivery(folder.path, record('one'));
    await recordDelivery(folder.path, record('two'));
    expect((await readDeliveries(folder.path)).map(({ about }) => about)).to.deep.equal(['one', 'two']);
  });

  it('begins a line of its own behind half a line of a run that was cut off', async () => {
    await using folder = await scratchFolder();
    await recordDelivery(folder.path, record('one'));
    await appendFile(join(folder.path, deliveriesFile), '{"format":"fire');
    await recordDelivery(folder.path, record('two'));
    expect((await readDeliveries(folder.path)).map(({ about }) => about)).to.deep.equal(['one', 'two']);
    expect((await readFile(join(folder.path, deliveriesFile), 'utf8')).split('\n')).to.have.length(4);
  });

  it('says that the folder cannot be written', async () => {
    expect(await rejectionOf(recordDelivery('/nowhere', record('one')))).to.include({ code: 'REPORT_WRITE' });
  });
});
