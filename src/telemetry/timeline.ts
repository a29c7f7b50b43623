import { AsyncLocalStorage } from 'node:async_hooks';
import { now } from './clock.ts';

/**
 * What a request spends its time on: receiving and decoding the body, validating it, store operations, waiting for a
 * thread, computing, and encoding the answer.
 */
export const phases = ['decode', 'validate', 'store', 'queue', 'compute', 'encode'] as const;

export type Phase = (typeof phases)[number];

/** The total of one phase, which may consist of many pieces that overlap each other and other phases. */
export interface PhaseTotal {
  /** When the first piece started, on the clock of `now`. */
  from: number;
  /** When the last piece ended. */
  to: number;
  /** Milliseconds of all pieces together. */
  spent: number;
  pieces: number;
}

/** Data that a method has processed. */
export interface Processed {
  method: string;
  values: number;
  bytes: number;
}

/** Something that a user should know of a result. */
export interface NotedWarning {
  code: string;
  count?: number;
}

/** What is recorded about a request while it runs. */
export interface Timeline {
  begun: number;
  stretches: Partial<Record<Phase, PhaseTotal>>;
  /** The format of the body. */
  format?: string;
  processed: Processed[];
  /** The stored normalizer that it applies. */
  stored?: { name: string; version: number };
  /** Of its call, once that is carried out. */
  warnings?: readonly NotedWarning[];
}

const current = new AsyncLocalStorage<Timeline>();

/** Runs a function with a timeline, to which everything it starts adds. */
export function withTimeline(timeline: Timeline, run: () => void): void {
  current.run(timeline, run);
}

export function startTimeline(): Timeline {
  return { begun: now(), stretches: {}, processed: [] };
}

/** The timeline of the current request; undefined outside requests and in worker threads. */
export function timelineNow(): Timeline | undefined {
  return current.getStore();
}

/** Adds a piece of a phase to a timeline. Between the clocks of two threads it may be slightly negative. */
export function addPhaseTime(
  timeline: Timeline | undefined,
  phase: Phase,
  from: number,
  to: number,
  told = to - from,
): void {
  if (!timeline) return;
  const spent = Math.max(0, told);
  const known = timeline.stretches[phase];
  if (!known) {
    timeline.stretches[phase] = { from, to, spent, pieces: 1 };
    return;
  }
  known.from = Math.min(known.from, from);
  known.to = Math.max(known.to, to);
  known.spent += spent;
  known.pieces += 1;
}

/** Runs a function as part of a phase. */
export async function timePhase<Result>(phase: Phase, work: () => Promise<Result>): Promise<Result> {
  const timeline = timelineNow();
  const from = now();
  try {
    return await work();
  } finally {
    addPhaseTime(timeline, phase, from, now());
  }
}

/** Like `timePhase`, for synchronous functions. */
export function timePhaseSync<Result>(phase: Phase, work: () => Result): Result {
  const timeline = timelineNow();
  const from = now();
  try {
    return work();
  } finally {
    addPhaseTime(timeline, phase, from, now());
  }
}
