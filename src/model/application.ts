import { placesIn } from '../kit/template.ts';
import type { Secret } from './secret.ts';

/** An application that is run on what was restored, and what it must answer. Plain data. */
export interface Application {
  /** As the configuration names it: not the name of a service. */
  application: string;
  image: string;
  /** In the place of the image's own; undefined: that. */
  command: readonly string[] | undefined;
  /** `uid:gid`; undefined: the image's own, unless that is root. */
  user: string | undefined;
  /** Templates with places such as `agama.host`. */
  env: Readonly<Record<string, string>>;
  /** By service: the restored account that it logs in with; for others a throw-away account is made. */
  logins: Readonly<Record<string, ApplicationLogin>>;
  /** On which it listens, in the pod. */
  port: number;
  /** Writable places beside /tmp: absolute path → size in bytes. */
  tmpfs: Readonly<Record<string, number>>;
  /** The path that answers when it is ready. */
  ready: string;
  /** From its start until it is ready, at most. */
  withinMs: number;
  limits: { memoryBytes: number; pids: number; cpus: number };
  steps: readonly ApplicationStep[];
}

export interface ApplicationLogin {
  user: string;
  /** That stands in its name, as MySQL's do. */
  host: string;
  password: Secret;
}

/** Templates: `random` is a value that no drill before has had. */
export interface ApplicationStep {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  headers: Readonly<Record<string, string>>;
  body: StepBody | undefined;
  expect: StepExpectation;
  withinMs: number;
}

export type StepBody =
  | { kind: 'text'; text: string }
  | { kind: 'form'; fields: Readonly<Record<string, string>> }
  | { kind: 'json'; value: unknown };

/** All that is given must hold. */
export interface StepExpectation {
  /** undefined: any from 200 to 299, after redirects. */
  status: number | undefined;
  contains: readonly string[];
  notContains: readonly string[];
  /** A JSON pointer to the part of the answer that `equals` means. */
  at: string | undefined;
  equals: string | number | boolean | undefined;
}

/** What came back. Untrusted. */
export interface Page {
  status: number;
  text: string;
}

export const randomPlace = 'random';

export const accessKeys = ['host', 'port', 'socket', 'user', 'password', 'database'] as const;
export type AccessKey = (typeof accessKeys)[number];
/** How an application gets to a service: what is filled in to its environment. */
export type Access = Readonly<Partial<Record<AccessKey, string>>>;

/** `agama.host`: the service and what of it; undefined for what is no such place. */
export function parsePlace(place: string): { service: string; key: AccessKey } | undefined {
  const [service = '', name = '', ...more] = place.split('.');
  const key = accessKeys.find((each) => each === name);
  return key && more.length === 0 ? { service, key } : undefined;
}

/** What an application is told, and of which service; a place that is none is passed over. */
export function placesOf({ env }: Pick<Application, 'env'>): { service: string; key: AccessKey }[] {
  return Object.values(env)
    .flatMap(placesIn)
    .flatMap((place) => parsePlace(place) ?? []);
}

/** The services that it needs, each once. */
export function servicesOf(application: Pick<Application, 'env'>): string[] {
  return [...new Set(placesOf(application).map(({ service }) => service))];
}

/** Whether some application comes to a service by TCP. */
export function comesByTcp(applications: readonly Pick<Application, 'env'>[], service: string): boolean {
  return applications
    .flatMap(placesOf)
    .some((place) => place.service === service && ['host', 'port'].includes(place.key));
}

/** `POST /items`. */
export const sayStep = ({ method, path }: Pick<ApplicationStep, 'method' | 'path'>) => `${method} ${path}`;
