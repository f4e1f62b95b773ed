import { expect } from 'chai';
import {
  type DeliveryRecord,
  deliveryLine,
  mailStateOf,
  openMailOf,
  parseDelivery,
} from '../../../src/model/delivery.ts';

const record = (change: Partial<DeliveryRecord>): DeliveryRecord => ({
  ...{ format: 'firedrill-delivery', version: 1, at: '2026-11-22T02:20:00.000Z', channel: 'mail', about: 'd' },
  ...{ outcome: 'accepted', accepted: [], refused: [], messageId: '<1@x>', reply: '250 ok' },
  ...change,
});

describe('records of deliveries', () => {
  it('are lines that can be read again; others are none', () => {
    const line = deliveryLine(record({ reply: 'a\nb "c"' }));
    expect(line).to.not.contain('\n');
    expect(parseDelivery(line)).to.deep.equal(record({ reply: 'a\nb "c"' }));
    for (const other of ['', '{', '{}', 'null', line.slice(0, -5)]) expect(parseDelivery(other)).to.equal(undefined);
  });

  it('tell whether all receivers of the newest mail have got it, by their last tries', () => {
    const first = record({ accepted: ['a'], refused: ['b'] });
    expect(mailStateOf([])).to.equal('none');
    expect(mailStateOf([record({ channel: 'webhook', messageId: null })])).to.equal('none');
    expect(mailStateOf([first])).to.equal('open');
    expect(mailStateOf([first, record({ accepted: ['b'] })])).to.equal('accepted');
    expect(mailStateOf([first, record({ refused: ['b'] })])).to.equal('open');
    expect(mailStateOf([first, record({ accepted: ['a', 'b'], messageId: '<2@x>' })])).to.equal('accepted');
    expect(mailStateOf([record({ accepted: ['a'] }), record({ refused: ['a'], messageId: '<2@x>' })])).to.equal('open');
  });

  it('tell who has not got the newest mail yet, of those who are to get it now', () => {
    const wanted = record({ outcome: 'wanted', refused: ['a', 'b'] });
    expect(openMailOf([], ['a'])).to.equal(undefined);
    expect(openMailOf([wanted], ['a', 'b'])).to.deep.equal({ receivers: ['a', 'b'], messageId: '<1@x>' });
    const partly = [wanted, record({ accepted: ['a'], refused: ['b'] })];
    expect(openMailOf(partly, ['a', 'b'])).to.deep.equal({ receivers: ['b'], messageId: '<1@x>' });
    expect(openMailOf(partly, ['a', 'c']), 'who is new gets another mail').to.deep.equal({
      receivers: ['c'],
      messageId: null,
    });
    expect(openMailOf(partly, ['a'])).to.equal(undefined);
    expect(openMailOf([...partly, record({ accepted: ['b'] })], ['a', 'b'])).to.equal(undefined);
  });
});
