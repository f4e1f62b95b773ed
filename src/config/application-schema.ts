import { z } from 'zod';
import { jsonPointerPattern } from '../kit/json-pointer.ts';
import { placesIn } from '../kit/template.ts';
import {
  type AccessKey,
  type Application,
  type ApplicationStep,
  accessKeys,
  parsePlace,
  randomPlace,
  type StepBody,
} from '../model/application.ts';
import { secretSchema } from '../model/secret.ts';
import { duration, port, size } from './scalars.ts';

const path = z
  .string()
  .regex(/^\/[\x21-\x7e]*$/, 'a path that begins with /')
  .refine((text) => !text.startsWith('//'), 'a path on the application itself');

const text = z.string().min(1);
const texts = z.union([text, z.array(text).min(1)]);

const methods = ['get', 'post', 'put', 'delete'] as const;
const bodies = ['form', 'json', 'body'] as const;

const step = z
  .strictObject({
    get: path.optional().describe('the path that is asked; `${random}` is a value that no drill before has had'),
    post: path.optional().describe('the path that something is posted to'),
    put: path.optional().describe('the path that something is put to'),
    delete: path.optional().describe('the path that is deleted'),
    form: z.record(z.string(), z.string()).optional().describe('the fields of a form, in which `${random}` may stand'),
    json: z.unknown().optional().describe('what is sent as JSON, in whose texts `${random}` may stand'),
    body: z.string().optional().describe('what is sent as it is; name its type under headers'),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/, 'the name of a header'), z.string().regex(/^[\x20-\x7e]*$/))
      .default({})
      .describe('headers of the request; cookies that the application sets are sent back by themselves'),
    status: z
      .int()
      .min(200)
      .max(599)
      .optional()
      .describe('what the answer must be; by default 200 to 299. Of 300 to 399 no redirect is followed'),
    contains: texts.optional().describe('a text, or several, that must stand in the answer'),
    notContains: texts.optional().describe('a text, or several, that must not stand in the answer'),
    at: z
      .string()
      .regex(jsonPointerPattern, 'a JSON pointer, such as /0/title')
      .optional()
      .describe('a JSON pointer (RFC 6901) to the part of the answer that equals means'),
    equals: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe('what the part of a JSON answer must be; with at'),
    within: duration.prefault('10s').describe('how long the answer may take'),
  })
  .refine((given) => methods.filter((method) => given[method] !== undefined).length === 1, {
    error: `one of ${methods.join(', ')}`,
  })
  .refine((given) => bodies.filter((body) => given[body] !== undefined).length <= 1, {
    error: `no more than one of ${bodies.join(', ')}`,
  })
  .refine((given) => given.get === undefined || bodies.every((body) => given[body] === undefined), {
    error: `a get has none of ${bodies.join(', ')}`,
  })
  .refine(({ at, equals }) => (at === undefined) === (equals === undefined), { error: 'at and equals, or neither' });

type RawStep = z.infer<typeof step>;

const login = z.strictObject({
  user: z.string().min(1).describe('name of the restored account'),
  host: z.string().min(1).default('%').describe('the host that stands in its name, where the engine has such names'),
  password: secretSchema.describe('its password'),
});

const limits = z.strictObject({
  memory: size.prefault('512MiB').describe('main memory; there is no swap'),
  pids: z.int().min(16).default(256).describe('processes and threads'),
  cpus: z.number().positive().default(1).describe('processors; fractions are allowed'),
});

export const application = z
  .strictObject({
    image: text.describe('its image; drill.pull says whether it may be pulled'),
    command: z.array(z.string()).min(1).optional().describe("what is run, in the place of the image's own command"),
    user: z
      .string()
      .regex(/^\d+(:\d+)?$/, 'numbers: uid, or uid:gid')
      .optional()
      .describe(
        "as whom it runs, in numbers; by default as the image says, unless that is root: then as the drill's own",
      ),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable'), z.string())
      .default({})
      .describe(
        `its environment, in which \`\${<service>.<what>}\` stands for ${accessKeys.join(', ')} of a restored service, and \`$\${\` for \`\${\``,
      ),
    logins: z
      .record(z.string(), login)
      .default({})
      .describe(
        'by service, the restored account by which it logs in; by default one is made for it, which may read and write the data and define nothing',
      ),
    port: port.describe('on which it listens, in the pod, to 127.0.0.1 or to all addresses'),
    tmpfs: z
      .record(z.string().regex(/^\/[^:,]+$/, 'an absolute path'), size)
      .default({})
      .describe('folders that it may write to, beside /tmp, and how much; all else is read-only'),
    ready: path.default('/').describe('a path that answers with less than 400 when it is ready'),
    within: duration.prefault('1m').describe('how long it may take until it is ready'),
    limits: limits.prefault({}).describe('how much of this machine it may use'),
    steps: z
      .array(step)
      .min(1)
      .max(100)
      .describe(
        'what is asked of it, one after the other, until one does not hold: each has one of get, post, put, delete',
      ),
  })
  .superRefine(({ steps }, context) => {
    for (const [i, each] of steps.entries()) {
      for (const place of placesOfStep(each).filter((name) => name !== randomPlace)) {
        context.addIssue({
          code: 'custom',
          path: ['steps', i],
          message: `no place but \${random}; not ${show(place)}`,
        });
      }
    }
    const written = steps.findIndex((each) => each.get === undefined && sentOf(each).includes(randomPlace));
    const isRead = steps.some((each, i) => i > written && placesIn([each.contains ?? []].flat().join()).length > 0);
    if (written >= 0 && !isRead) {
      const message = `a later step whose contains has \${random}: what was written must be read back`;
      context.addIssue({ code: 'custom', path: ['steps', written], message });
    }
  });

const show = (place: string) => `\${${place}}`;
const inJson = (value: unknown) => (value === undefined ? [] : placesIn(JSON.stringify(value)));

function sentOf({ get, post, put, delete: deleted, form, json, body, headers }: RawStep): string[] {
  const sent = [get, post, put, deleted, body, ...Object.values(form ?? {}), ...Object.values(headers)];
  return [...sent.flatMap((each) => placesIn(each ?? '')), ...inJson(json)];
}

function placesOfStep(each: RawStep): string[] {
  const { contains = [], notContains = [], equals = '' } = each;
  return [...sentOf(each), ...[contains, notContains, String(equals)].flat().flatMap(placesIn)];
}

export type RawApplications = Readonly<Record<string, z.infer<typeof application>>>;

/** An issue with its place in the configuration. */
interface Unfit {
  path: (string | number)[];
  message: string;
}

/**
 * What is wrong between applications and services: places that there are not. `offers`: what an application can be told of a
 * service; undefined for a service that there is not.
 */
export function unfitPlaces(
  applications: RawApplications,
  offers: (service: string) => readonly AccessKey[] | undefined,
): Unfit[] {
  return Object.entries(applications).flatMap(([name, { env, logins }]) => {
    const at = ['applications', name];
    const places = Object.entries(env).flatMap(([variable, template]) =>
      placesIn(template).flatMap((place) => {
        const wrong = whatIsWrong(place, offers);
        return wrong === undefined ? [] : [{ path: [...at, 'env', variable], message: wrong }];
      }),
    );
    const used = new Set(
      Object.values(env).flatMap((each) => placesIn(each).map((place) => parsePlace(place)?.service)),
    );
    const strange = Object.keys(logins)
      .filter((service) => !used.has(service))
      .map((service) => ({ path: [...at, 'logins', service], message: 'a service that env names' }));
    const taken = offers(name) === undefined ? [] : [{ path: at, message: 'a name that no service has' }];
    return [...taken, ...places, ...strange];
  });
}

function whatIsWrong(place: string, offers: (service: string) => readonly AccessKey[] | undefined): string | undefined {
  const parsed = parsePlace(place);
  const offered = parsed && offers(parsed.service);
  if (!parsed || !offered)
    return `\${<service>.<${accessKeys.join('|')}>} of a service that there is; not ${show(place)}`;
  if (offered.includes(parsed.key)) return undefined;
  const others = offered.map((key) => show(`${parsed.service}.${key}`)).join(', ');
  return `of ${parsed.service} ${others || 'nothing'}; not ${show(place)}`;
}

/** As the configuration has them → as the model wants them. */
export function applicationsOf(raw: RawApplications): Application[] {
  return Object.entries(raw).map(([name, each]) => {
    const { image, command, user, env, logins, port: listens, tmpfs, ready, within, limits: own, steps } = each;
    return {
      ...{ application: name, image, command, user, env, logins, port: listens, tmpfs, ready, withinMs: within },
      limits: { memoryBytes: own.memory, pids: own.pids, cpus: own.cpus },
      steps: steps.map(stepOf),
    };
  });
}

function stepOf(raw: RawStep): ApplicationStep {
  const { headers, status, contains = [], notContains = [], at, equals, within } = raw;
  const method = methods.find((each) => raw[each] !== undefined) ?? 'get';
  return {
    method: method.toUpperCase() as ApplicationStep['method'],
    path: raw[method] ?? '/',
    headers,
    body: bodyOf(raw),
    expect: { status, contains: [contains].flat(), notContains: [notContains].flat(), at, equals },
    withinMs: within,
  };
}

function bodyOf({ form, json, body }: RawStep): StepBody | undefined {
  if (form) return { kind: 'form', fields: form };
  if (json !== undefined) return { kind: 'json', value: json };
  return body === undefined ? undefined : { kind: 'text', text: body };
}
