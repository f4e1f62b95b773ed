import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../kit/clock.ts';
import { FiredrillError } from '../kit/errors.ts';
import type { Message, SmtpServer } from './message.ts';
import { type Attempt, type Refusal, trySending } from './smtp.ts';

const firstPauseMs = 2_000;
const maxPauseMs = 120_000;
/** However patient the configuration is: a server that is down for days need not be asked each two minutes. */
const maxTries = 100;

export interface DeliveryOrder {
  server: SmtpServer;
  message: Message;
  /** For how long what was put off is tried again. */
  patienceMs: number;
  clock: Clock;
  signal: AbortSignal;
  /** Each try, as it ends. */
  tried?(attempt: Attempt, number: number): Promise<void> | void;
  /** For tests. */
  send?: typeof trySending;
}

export interface Delivery {
  /** Addresses. */
  accepted: string[];
  /** Of the receivers that were not accepted in the end; empty when all is well. */
  refused: Refusal[];
  /** The server's last word. */
  reply: string;
}

/**
 * Hands a message to a mail server. What it puts off, or cannot be asked, is tried again with growing pauses, and only for the
 * receivers that have not got it; what it refuses is not. INTERRUPTED when `signal` is aborted; else it throws nothing.
 */
export async function deliver(order: DeliveryOrder): Promise<Delivery> {
  const { server, message, clock, patienceMs, send = trySending } = order;
  const endMs = clock.monotonicMs() + patienceMs;
  const delivery: Delivery = { accepted: [], refused: [], reply: '' };
  let waiting = message.to.map(({ address }) => address);
  for (let number = 1, pauseMs = firstPauseMs; ; number += 1, pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    const attempt = await interruptible(send(server, message, waiting), order.signal);
    await order.tried?.(attempt, number);
    delivery.reply = attempt.reply;
    delivery.accepted.push(...attempt.accepted);
    const later = attempt.refused.filter(({ again }) => again);
    delivery.refused.push(...attempt.refused.filter(({ again }) => !again));
    if (later.length === 0) return delivery;
    if (clock.monotonicMs() + pauseMs > endMs || number >= maxTries) {
      delivery.refused.push(...later);
      return delivery;
    }
    waiting = later.map(({ address }) => address);
    await interruptible(sleep(pauseMs, undefined, { signal: order.signal }), order.signal);
  }
}

async function interruptible<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new FiredrillError('INTERRUPTED', 'interrupted while mail was sent'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  work.catch(() => {});
  try {
    return await Promise.race([work, promise]);
  } catch (error) {
    if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'interrupted while mail was sent', { cause: error });
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
