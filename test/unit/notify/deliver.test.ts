import { expect } from 'chai';
import { type Clock, systemClock } from '../../../src/kit/clock.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { type DeliveryOrder, deliver } from '../../../src/notify/deliver.ts';
import type { Attempt } from '../../../src/notify/smtp.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { sampleMessage, sampleServer } from '../../support/message.ts';
import { rejectionOf } from '../../support/rejection.ts';

const both = [
  { name: '', address: 'a@example.com' },
  { name: '', address: 'b@example.com' },
];

const order = (change: Partial<DeliveryOrder> = {}): DeliveryOrder => ({
  server: sampleServer(1),
  message: sampleMessage({ to: both }),
  ...{ patienceMs: 10_000, clock: systemClock, signal: new AbortController().signal },
  ...change,
});

const putOff = (address: string) => ({
  ...{ address, again: true, tooLarge: false },
  error: new FiredrillError('MAIL_REFUSED', 'put off'),
});

/** A sender that is put off by both for so many tries, each of which takes a minute of the clock. */
function stubborn(tries: number) {
  const asked: (readonly string[])[] = [];
  let nowMs = 0;
  const clock: Clock = { now: () => new Date(), monotonicMs: () => nowMs };
  const send = async (_: unknown, __: unknown, to: readonly string[]): Promise<Attempt> => {
    asked.push(to);
    nowMs += 60_000;
    return asked.length > tries
      ? { accepted: [...to], reply: '250', refused: [] }
      : { accepted: [], reply: '450', refused: to.map(putOff) };
  };
  return { asked, clock, send };
}

describe('deliver', function () {
  this.timeout(20_000);

  it('tries again what a server puts off, and only for those who have not got it', async () => {
    await using server = await startMailServer({ receivers: { 'b@example.com': ['450 greylisted', null] } });
    const tries: [number, string[]][] = [];
    const tried: DeliveryOrder['tried'] = (attempt, number) => {
      tries.push([number, attempt.accepted]);
    };
    const delivery = await deliver(order({ server: sampleServer(server.port), tried }));
    expect(delivery).to.deep.equal({ accepted: ['a@example.com', 'b@example.com'], refused: [], reply: '250 kept' });
    expect(tries).to.deep.equal([
      [1, ['a@example.com']],
      [2, ['b@example.com']],
    ]);
    expect(server.received.map(({ to }) => to)).to.deep.equal([['a@example.com'], ['b@example.com']]);
    const ids = server.received.map(({ parsed }) => parsed.messageId);
    expect(ids[0], 'so that whoever gets both sees one').to.equal(ids[1]);
  });

  it('tries again where the connection was cut', async () => {
    await using server = await startMailServer({ cuts: 1 });
    expect((await deliver(order({ server: sampleServer(server.port) }))).refused).to.deep.equal([]);
    expect(server.received).to.have.length(1);
    expect(server.connections).to.equal(2);
  });

  it('does not try again what is refused for good', async () => {
    await using server = await startMailServer({ message: ['554 no', null] });
    const { accepted, refused } = await deliver(order({ server: sampleServer(server.port) }));
    expect(accepted).to.deep.equal([]);
    expect(refused.map(({ address }) => address)).to.deep.equal(['a@example.com', 'b@example.com']);
    expect(server.connections).to.equal(1);
  });

  it('keeps one receiver’s refusal from the others', async () => {
    await using server = await startMailServer({ receivers: { 'a@example.com': ['550 nobody'] } });
    const { accepted, refused } = await deliver(order({ server: sampleServer(server.port) }));
    expect(accepted).to.deep.equal(['b@example.com']);
    expect(refused).to.have.length(1);
  });

  it('ends when its patience does', async () => {
    const { asked, ...parts } = stubborn(99);
    const { refused, accepted } = await deliver(order({ ...parts, patienceMs: 61_000 }));
    expect([asked.length, accepted.length, refused.length]).to.deep.equal([1, 0, 2]);
    const patient = stubborn(1);
    expect((await deliver(order({ ...patient, patienceMs: 90_000 }))).refused).to.deep.equal([]);
    expect(patient.asked).to.have.length(2);
  });

  it('stops at once when the run is stopped, in a pause or in the middle of a try', async () => {
    const stop = new AbortController();
    const pausing = deliver(order({ ...stubborn(99), signal: stop.signal, patienceMs: 1e9 }));
    setTimeout(() => stop.abort(), 50);
    const started = performance.now();
    expect(await rejectionOf(pausing)).to.include({ code: 'INTERRUPTED' });
    const hanging = new AbortController();
    const sending = deliver(order({ send: () => new Promise(() => {}), signal: hanging.signal }));
    setTimeout(() => hanging.abort(), 50);
    expect(await rejectionOf(sending)).to.include({ code: 'INTERRUPTED' });
    expect(performance.now() - started).to.be.lessThan(1_500);
  });
});
