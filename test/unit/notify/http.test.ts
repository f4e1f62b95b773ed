import { expect } from 'chai';
import { ping } from '../../../src/notify/pings.ts';
import { callWebhook } from '../../../src/notify/webhook.ts';
import { httpSink } from '../../support/http-sink.ts';

const never = new AbortController().signal;

describe('ping', () => {
  it('asks for <url>/start, <url>, <url>/fail and <url>/log, with a short text', async () => {
    await using sink = await httpSink();
    const target = { url: `${sink.url}/0a1b-uuid`, timeLimitMs: 2_000 };
    for (const event of ['start', 'success', 'fail', 'log'] as const) {
      expect(await ping(target, event, `${event}: Õ`)).to.equal(undefined);
    }
    expect(sink.received.map(({ method, path, body }) => [method, path, body])).to.deep.equal([
      ['POST', '/0a1b-uuid/start', 'start: Õ'],
      ['POST', '/0a1b-uuid', 'success: Õ'],
      ['POST', '/0a1b-uuid/fail', 'fail: Õ'],
      ['POST', '/0a1b-uuid/log', 'log: Õ'],
    ]);
  });

  it('keeps a query behind the event, and sends no more than the observer keeps', async () => {
    await using sink = await httpSink();
    await ping({ url: `${sink.url}/ping/nightly/?create=1`, timeLimitMs: 2_000 }, 'fail', 'x'.repeat(50_000));
    expect(sink.received[0]?.path).to.equal('/ping/nightly/fail?create=1');
    expect(sink.received[0]?.body).to.have.length(10_000);
  });

  it('says in a line what did not arrive, and shows no more of the URL than the host', async () => {
    await using sink = await httpSink([404, 500, 0]);
    const target = { url: `${sink.url}/secret-uuid`, timeLimitMs: 200 };
    expect(await ping(target, 'success', '')).to.equal(
      `the success ping to ${sink.url} did not arrive: it answered 404`,
    );
    expect(await ping(target, 'start', '')).to.match(/^the start ping to .* did not arrive: it answered 500$/);
    expect(await ping(target, 'fail', '')).to.match(/it did not answer within 0\.2 s$/);
    const gone = { url: 'http://127.0.0.1:1/secret-uuid', timeLimitMs: 2_000 };
    expect(await ping(gone, 'fail', '')).to.match(/^the fail ping to http:\/\/127\.0\.0\.1:1 did not arrive: \S.*/);
  });

  it('does not follow to another address', async () => {
    await using other = await httpSink();
    await using sink = await httpSink([302], { location: other.url });
    expect(await ping({ url: sink.url, timeLimitMs: 2_000 }, 'success', '')).to.match(/it answered 302/);
    expect(other.received).to.deep.equal([]);
  });
});

describe('callWebhook', function () {
  this.timeout(20_000);
  const event = { event: 'drill', text: 'FAIL · agama', verdict: 'fail' } as const;

  it('posts JSON, with the token where there is one', async () => {
    await using sink = await httpSink();
    const hook = { url: `${sink.url}/hook`, token: 't0ken', timeLimitMs: 2_000 };
    expect(await callWebhook(hook, event, never)).to.equal(undefined);
    expect(sink.received[0]?.headers).to.include({ 'content-type': 'application/json', authorization: 'Bearer t0ken' });
    expect(JSON.parse(sink.received[0]?.body ?? '')).to.deep.equal({ source: 'firedrill', version: 1, ...event });
  });

  it('calls twice more where it is not answered well, and then says so without the token or the path', async () => {
    await using patient = await httpSink([503, 200]);
    expect(await callWebhook({ url: patient.url, token: undefined, timeLimitMs: 2_000 }, event, never)).to.equal(
      undefined,
    );
    expect(patient.received).to.have.length(2);
    expect(patient.received[0]?.headers).to.not.have.property('authorization');
    await using deaf = await httpSink([500, 500, 500]);
    const fault = await callWebhook({ url: `${deaf.url}/T0/secret`, token: 't0ken', timeLimitMs: 2_000 }, event, never);
    expect(fault).to.include({ code: 'WEBHOOK_FAILED', exit: 5 });
    expect(fault?.message).to.equal(`the webhook at ${deaf.url} was not told: it answered 500`);
    expect(deaf.received).to.have.length(3);
  });

  it('gives up at once when the run is stopped', async () => {
    await using sink = await httpSink([500, 500, 500]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const started = performance.now();
    expect(await callWebhook({ url: sink.url, token: undefined, timeLimitMs: 2_000 }, event, stop.signal)).to.not.equal(
      undefined,
    );
    expect(performance.now() - started).to.be.lessThan(900);
  });
});
