import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '#errors.ts';
import type { Admission } from '#http/admission/admission.ts';
import type { RateMonitor } from '#http/timeouts/rate-monitor.ts';
import { startTimeline, type Timeline } from '#telemetry/timeline.ts';

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange;
    /** What the request has spent its time on so far. */
    timeline: Timeline;
    /**
     * Aborted if the request ends early: its client disconnected or is too slow, or it exceeded its time limit. The
     * reason is the Problem to answer with. All work for the request stops.
     */
    cancelled: AbortSignal;
  }
}

/**
 * A request from its head to the end of its answer, in one object: what few requests need is made when it is asked for.
 */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly timeline: Timeline;
  /** What stands before every path of the service as the client sees it; empty, or `/norma`. */
  readonly publicPrefix: string;
  /** The address of the client: the proxy's, unless that is believed. */
  readonly clientAddress: string;
  /** What a request with a body takes of the queue and of the memory. */
  admission?: Admission;
  /** What is done when the request has been answered, or its client has left: temporary files are closed. */
  releases?: (() => void)[];
  /** Whether the response has been sent while the client is still sending. */
  isAnswered: boolean;
  /** Why it was cancelled. */
  problem?: Problem;
  /** Seconds; NaN until it is cancelled. */
  cancelledAt: number;
  /** Called if it is cancelled, by whoever waits for it without a signal. */
  onCancel?: (problem: Problem) => void;
  controller?: AbortController;
  /** Made by the first sweep that finds it: most requests are answered before. */
  sending?: RateMonitor;
  reading?: RateMonitor;
  /** Bytes read from its connection at the last sweep. */
  read: number;
  /** Its place in the active set. */
  at: number;
}

export function createExchange(
  request: FastifyRequest,
  reply: FastifyReply,
  publicPrefix: string,
  clientAddress: string,
): Exchange {
  return {
    request,
    reply,
    timeline: startTimeline(),
    publicPrefix,
    clientAddress,
    admission: undefined,
    releases: undefined,
    isAnswered: false,
    problem: undefined,
    cancelledAt: Number.NaN,
    onCancel: undefined,
    controller: undefined,
    sending: undefined,
    reading: undefined,
    read: -Infinity,
    at: -1,
  };
}

/** Stops all work for a request, which answers with the problem if it still can. */
export function cancelExchange(exchange: Exchange, problem: Problem): void {
  if (exchange.problem) return;
  exchange.problem = problem;
  exchange.onCancel?.(problem);
  exchange.controller?.abort(problem);
}

export function signalOf(exchange: Exchange): AbortSignal {
  if (!exchange.controller) {
    exchange.controller = new AbortController();
    if (exchange.problem) exchange.controller.abort(exchange.problem);
  }
  return exchange.controller.signal;
}
