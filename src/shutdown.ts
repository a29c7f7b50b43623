import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { now } from '#telemetry/clock.ts';
import type { LogDestination } from '#telemetry/log-destination.ts';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Time before the end of the grace kept for cutting and logging: milliseconds, or this share of a short grace. */
const [lastMs, lastShare] = [250, 0.25];

/** Milliseconds within which a second signal counts as the first: npm and a terminal both send it. */
const sameSignalMs = 1000;

/** Milliseconds for the last log lines once the grace is over. */
const lastLinesMs = 100;

/** Milliseconds for cut connections to close and be logged. */
const cutLinesMs = 20;

/** How to stop the service. */
export interface Ending {
  /** Answers accepted requests, then closes everything in order. */
  drain(): Promise<void>;
  /** Cuts unanswered requests at the end of the grace, and returns their number. */
  cut(): number;
}

export interface Shutdown {
  /** From now on a signal stops the service in order; before, it ends the process at once. */
  begin(ending: Ending): void;
}

/**
 * Ends the process on a signal or an uncaught error: in order within the grace, then by force. The exit code is 0 after a
 * signal and 1 after an error. A further SIGINT, a second after the first signal, ends the grace.
 */
export function handleSignals(logger: Logger, log: LogDestination, graceMs: number): Shutdown {
  const endOfGrace = Promise.withResolvers<void>();
  let ending: Ending | undefined;
  let begun: number | undefined;

  for (const signal of signals) {
    const early = process.listeners(signal);
    // Add before removing: with no handler for a moment, Node would lose a signal that is pending.
    process.on(signal, () => onSignal(signal));
    for (const listener of early) process.off(signal, listener);
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, onError);

  function onSignal(signal: string): void {
    if (begun === undefined) {
      logger.info({ signal, grace_s: graceMs / 1000 }, 'stopping');
      void stop(0);
      return;
    }
    const endsGrace = signal === 'SIGINT' && now() - begun > sameSignalMs;
    logger.warn({ signal }, endsGrace ? 'a second signal ends the grace' : 'a second signal: already stopping');
    if (endsGrace) endOfGrace.resolve();
  }

  function onError(err: unknown): void {
    logger.fatal({ err }, begun === undefined ? 'stopping after an error' : 'an error while stopping');
    if (begun === undefined) void stop(1);
  }

  async function stop(code: number): Promise<void> {
    const from = now();
    begun = from;
    const left = () => Math.max(0, graceMs - Math.min(lastMs, lastShare * graceMs) - (now() - from));
    void setTimeout(left()).then(endOfGrace.resolve);
    const inOrder = ending?.drain().then(
      () => true,
      (err: unknown) => {
        logger.error({ err }, 'stopping failed');
        return false;
      },
    );
    const isDrained = (await Promise.race([inOrder, endOfGrace.promise])) === true;
    if (isDrained) logger.info('drained');
    const cut = isDrained ? 0 : (ending?.cut() ?? 0);
    // Lets each cut request log its own line first.
    if (cut > 0) await setTimeout(cutLinesMs);
    const ended = { code, cut_requests: cut, duration_ms: Math.round(now() - from), dropped_log_lines: log.dropped() };
    logger[cut > 0 ? 'warn' : 'info'](ended, cut > 0 ? 'stopped: the grace is over, and requests were cut' : 'stopped');
    const isWritten = await log.flush(Math.max(lastLinesMs, left()));
    if (isDrained && isWritten) process.exit(code);
    endByForce(code);
  }

  return {
    begin(given) {
      ending = given;
    },
  };
}

/**
 * Ends the process whatever its threads do. process.exit waits for every thread, and a thread in a long native call cannot be
 * stopped, so another program replaces this process.
 */
function endByForce(code: number): never {
  const name = code === 0 ? 'true' : 'false';
  const program = [`/bin/${name}`, `/usr/bin/${name}`].find((path) => existsSync(path));
  if (program && process.execve) process.execve(program, [name], {});
  process.exit(code);
}
