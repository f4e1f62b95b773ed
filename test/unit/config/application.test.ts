import { expect } from 'chai';
import { stringify } from 'yaml';
import { applicationsOf } from '../../../src/config/application-schema.ts';
import { exampleConfig } from '../../../src/config/example.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { engines } from '../../../src/engines/index.ts';
import { isFiredrillError } from '../../../src/kit/errors.ts';
import { comesByTcp, servicesOf } from '../../../src/model/application.ts';

const good = {
  image: 'todo:1',
  env: { DB: 'mysql://${agama.user}:${agama.password}@${agama.host}:${agama.port}/${agama.database}' },
  port: 8080,
  steps: [{ get: '/' }],
};

/** Beside the example's services. */
const parsed = (application: object, name = 'todo') =>
  parseConfig(`${exampleConfig()}\n${stringify({ applications: { [name]: application } })}`, 'f.yaml', engines);

function problemsOf(...args: Parameters<typeof parsed>): string[] {
  try {
    parsed(...args);
    return [];
  } catch (error) {
    if (!isFiredrillError(error, 'CONFIG_INVALID')) throw error;
    return error.detail.map((each) => each.replace(/^f\.yaml:\d+: /, ''));
  }
}

const withSteps = (...steps: object[]) => ({ ...good, steps });

describe('applications in the configuration', () => {
  it('are read, with what they leave open', () => {
    const [application] = applicationsOf(parsed(good).applications);
    expect(application).to.deep.include({
      application: 'todo',
      ready: '/',
      withinMs: 60_000,
      limits: { memoryBytes: 512 * 1024 ** 2, pids: 256, cpus: 1 },
      command: undefined,
      user: undefined,
    });
    expect(application?.steps).to.deep.equal([
      {
        ...{ method: 'GET', path: '/', headers: {}, body: undefined, withinMs: 10_000 },
        expect: { status: undefined, contains: [], notContains: [], at: undefined, equals: undefined },
      },
    ]);
  });

  it('read forms, JSON, one text and several', () => {
    const [application] = applicationsOf(
      parsed(
        withSteps(
          { post: '/a', form: { v: '${random}' }, status: 303 },
          { put: '/b', json: { v: ['${random}', 1] } },
          { delete: '/c', body: 'x', headers: { 'Content-Type': 'text/plain' } },
          { get: '/d', contains: '${random}', notContains: ['a', 'b'], at: '/0', equals: false, within: '2s' },
        ),
      ).applications,
    );
    expect(application?.steps.map(({ method, body }) => [method, body])).to.deep.equal([
      ['POST', { kind: 'form', fields: { v: '${random}' } }],
      ['PUT', { kind: 'json', value: { v: ['${random}', 1] } }],
      ['DELETE', { kind: 'text', text: 'x' }],
      ['GET', undefined],
    ]);
    expect(application?.steps[3]?.expect).to.deep.equal({
      ...{ status: undefined, contains: ['${random}'], notContains: ['a', 'b'], at: '/0', equals: false },
    });
  });

  it('may name only what there is of services that there are', () => {
    const envOf = (...texts: string[]) => ({
      ...good,
      env: Object.fromEntries(texts.map((text, i) => [`V${i}`, text])),
    });
    expect(problemsOf(envOf('${telegraf.port} ${grafana.socket} $${agama.nothing}'))).to.deep.equal([]);
    const unknown = ['${agama.hots}', '${agame.host}', '${HOME}', '${random}', '${__proto__.host}', '${agama.host.x}'];
    const keys = '${<service>.<host|port|socket|user|password|database>} of a service that there is';
    expect(problemsOf(envOf(...unknown))).to.deep.equal(
      unknown.map((place, i) => `applications.todo.env.V${i}: ${place} is not allowed; allowed: ${keys}; not ${place}`),
    );
    expect(problemsOf(envOf('x ${agama.host'))[0]).to.match(/not \$\{\$\{agama\.host\}$/);
    expect(problemsOf(envOf('${grafana.port}'))).to.deep.equal([
      'applications.todo.env.V0: ${grafana.port} is not allowed; allowed: of grafana ${grafana.socket}, ${grafana.user}, ${grafana.password}; not ${grafana.port}',
    ]);
    expect(problemsOf({ ...good, env: { 'A=B': 'x' } })[0]).to.match(
      /not allowed as a name; allowed: the name of a var/,
    );
  });

  it('log in only to services that they use, with secrets that stand elsewhere', () => {
    const login = { user: 'app', password: { env: 'X' } };
    expect(problemsOf({ ...good, logins: { agama: login } })).to.deep.equal([]);
    expect(problemsOf({ ...good, logins: { telegraf: login } })[0]).to.match(
      /^applications\.todo\.logins\.telegraf: .* allowed: a service that env names$/,
    );
    expect(problemsOf({ ...good, logins: { agama: { ...login, password: 'clear' } } })[0]).to.match(
      /a secret does not stand here in clear/,
    );
  });

  it('have no name of a service, and steps that can be taken', () => {
    expect(problemsOf(good, 'agama')[0]).to.match(/^applications\.agama: .*allowed: a name that no service has$/);
    expect(problemsOf(withSteps())[0]).to.match(/^applications\.todo\.steps: .*at least 1$/);
    const wrong: [object, RegExp][] = [
      [{}, /one of get, post, put, delete/],
      [{ get: '/', post: '/' }, /one of get, post, put, delete/],
      [{ get: '//elsewhere/' }, /a path on the application itself/],
      [{ get: 'http://elsewhere/' }, /a path that begins with \//],
      [{ get: '/a b' }, /a path that begins with \//],
      [{ get: '/', body: 'x' }, /a get has none of form, json, body/],
      [{ post: '/', body: 'x', json: {} }, /no more than one of form, json, body/],
      [{ get: '/', at: '/x' }, /at and equals, or neither/],
      [{ get: '/', equals: 1 }, /at and equals, or neither/],
      [{ get: '/', contains: '${agama.password}' }, /no place but \$\{random\}; not \$\{agama\.password\}/],
      [{ get: '/', headers: { 'X-A': 'a\nb' } }, /headers/],
      [{ get: '/', contain: 'x' }, /did you mean contains/],
    ];
    for (const [step, problem] of wrong)
      expect(problemsOf(withSteps(step)).join(), JSON.stringify(step)).to.match(problem);
  });

  it('read back what they write', () => {
    const write = { post: '/', form: { v: '${random}' } };
    const unread = /^applications\.todo\.steps\.1: .*what was written must be read back$/;
    expect(problemsOf(withSteps({ get: '/' }, write))[0]).to.match(unread);
    expect(problemsOf(withSteps({ get: '/', contains: '${random}' }, write))[0]).to.match(unread);
    expect(problemsOf(withSteps({ get: '/' }, write, { get: '/', notContains: '${random}' }))[0]).to.match(unread);
    expect(problemsOf(withSteps({ get: '/' }, write, { get: '/', contains: 'v ${random}' }))).to.deep.equal([]);
  });
});

describe('what an application needs', () => {
  it('is told by its environment', () => {
    expect(servicesOf({ env: { A: '${b.host}', C: '${d.socket} ${b.user}', E: 'f' } })).to.deep.equal(['b', 'd']);
    const applications = [{ env: { A: '${b.socket}' } }, { env: { A: '${c.port}' } }];
    expect(['b', 'c', 'd'].map((service) => comesByTcp(applications, service))).to.deep.equal([false, true, false]);
  });
});
