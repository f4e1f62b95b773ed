import type { Application, ApplicationStep, StepExpectation } from '../../src/model/application.ts';
import { applicationImage } from './images.ts';

const mib = 1024 ** 2;

const expectation: StepExpectation = {
  status: undefined,
  contains: [],
  notContains: [],
  at: undefined,
  equals: undefined,
};

/** One step, as the configuration would give it. */
export function step(
  method: ApplicationStep['method'],
  path: string,
  expect: Partial<StepExpectation> = {},
  more: Partial<ApplicationStep> = {},
): ApplicationStep {
  return {
    method,
    path,
    headers: {},
    body: undefined,
    withinMs: 20_000,
    ...more,
    expect: { ...expectation, ...expect },
  };
}

/** The demo's to-do application on the service agama. */
export function todo(change: Partial<Application> = {}): Application {
  return {
    application: 'todo',
    image: applicationImage(),
    command: undefined,
    user: undefined,
    env: {
      PORT: '8080',
      MYSQL_HOST: '${agama.host}',
      MYSQL_PORT: '${agama.port}',
      MYSQL_USER: '${agama.user}',
      MYSQL_PASSWORD: '${agama.password}',
      MYSQL_DATABASE: '${agama.database}',
    },
    logins: {},
    port: 8080,
    tmpfs: {},
    ready: '/health',
    withinMs: 60_000,
    limits: { memoryBytes: 256 * mib, pids: 64, cpus: 1 },
    steps: [step('GET', '/', { contains: ['Things to do'] })],
    ...change,
  };
}

/** A server in JavaScript in the place of the application; `answer` is the body of a handler of `request` and `response`. */
export function scripted(answer: string, change: Partial<Application> = {}): Application {
  const script = `require('node:http').createServer(async (request, response) => { ${answer} }).listen(8080)`;
  return todo({ command: ['-e', script], ready: '/', env: {}, ...change });
}
