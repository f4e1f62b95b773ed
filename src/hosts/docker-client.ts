import { createRequire } from 'node:module';
import type Docker from 'dockerode';
import { type ErrorCode, FiredrillError, messageOf, systemCode } from '../kit/errors.ts';
import { lazily } from '../kit/lazily.ts';

export type { Docker };

const require = createRequire(import.meta.url);
const client = lazily(() => require('dockerode') as typeof Docker);

const defaultSocket = '/var/run/docker.sock';

/** A client of the Docker Engine. `dockerHost` has the form of DOCKER_HOST: `unix:///path` or `tcp://host:port`. */
export function dockerClient({ dockerHost }: { dockerHost?: string | undefined } = {}): Docker {
  if (!dockerHost) return local(defaultSocket);
  const url = URL.canParse(dockerHost) ? new URL(dockerHost) : undefined;
  if (url?.protocol === 'unix:' && url.pathname.length > 1) return local(url.pathname);
  if (url?.protocol === 'tcp:' && url.hostname) {
    return new (client())({ protocol: 'http', host: url.hostname, port: Number(url.port || 2375) });
  }
  const sentence = `DOCKER_HOST must be unix:///path or tcp://host:port, not ${dockerHost}`;
  throw new FiredrillError('CONFIG_INVALID', sentence);
}

// `host` is set to nothing: the library would take it from the environment.
function local(socketPath: string): Docker {
  return new (client())({ host: undefined, socketPath } as Docker.DockerOptions);
}

const unavailable = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'EACCES',
  'EPERM',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);

/**
 * Awaits one call to Docker and names what went wrong: DOCKER_UNAVAILABLE when the engine does not answer,
 * IMAGE_MISSING for an image that is not there, DISK_FULL, and SANDBOX_FAILED for any other refusal. The engine's own
 * error, with its HTTP `statusCode`, is the `cause`.
 * @param what an infinitive without "to": `start the container`
 */
export async function dockerCall<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw cause instanceof FiredrillError ? cause : dockerError(what, cause);
  }
}

function dockerError(what: string, cause: unknown): FiredrillError {
  const code = codeOf(cause);
  const why = code === 'DOCKER_UNAVAILABLE' ? ': the Docker Engine does not answer' : '';
  return new FiredrillError(code, `Docker could not ${what}${why}: ${messageOf(cause).trim()}`, { cause });
}

function codeOf(cause: unknown): ErrorCode {
  const text = messageOf(cause);
  if (unavailable.has(systemCode(cause) ?? '') || text === 'socket hang up') return 'DOCKER_UNAVAILABLE';
  if (statusCodeOf(cause) === 404 && /no such image|image .*not found|manifest unknown/i.test(text)) {
    return 'IMAGE_MISSING';
  }
  return /no space left on device/i.test(text) ? 'DISK_FULL' : 'SANDBOX_FAILED';
}

/** The HTTP status with which Docker refused, of a raw error or of one that `dockerCall` threw. */
export function statusCodeOf(error: unknown): number | undefined {
  const raw = error instanceof FiredrillError ? error.cause : error;
  const status = (raw as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
