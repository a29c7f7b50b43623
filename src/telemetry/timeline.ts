import { AsyncLocalStorage } from 'node:async_hooks';
import { now } from './clock.ts';

/**
 * What a request spends its time on: its body comes and is decoded, its members are validated, the store is asked, work
 * waits for a thread, is computed, and its answer is encoded.
 */
export const phases = ['decode', 'validate', 'store', 'queue', 'compute', 'encode'] as const;

export type Phase = (typeof phases)[number];

/** All of one phase: with many blocks it is many pieces, side by side and between those of other phases. */
export interface PhaseTotal {
  /** When the first piece began, on the clock of `now`. */
  from: number;
  /** When the last one ended. */
  to: number;
  /** Milliseconds in all pieces together. */
  spent: number;
  pieces: number;
}

/** Data that a method worked on. */
export interface Processed {
  method: string;
  values: number;
  bytes: number;
}

/** What is known of one request, while it is carried out. */
export interface Timeline {
  begun: number;
  stretches: Partial<Record<Phase, PhaseTotal>>;
  /** The format of the body. */
  format?: string;
  processed: Processed[];
}

const current = new AsyncLocalStorage<Timeline>();

/** Runs a function with a timeline, to which everything it starts adds. */
export function withTimeline(timeline: Timeline, run: () => void): void {
  current.run(timeline, run);
}

export function startTimeline(): Timeline {
  return { begun: now(), stretches: {}, processed: [] };
}

/** The timeline of the request under way; none outside of requests, and in worker threads. */
export function timelineNow(): Timeline | undefined {
  return current.getStore();
}

/** Adds a piece of a phase to a timeline. What clocks of two threads tell may come out a little below zero. */
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

/** Does something as a piece of a phase. */
export async function timePhase<Result>(phase: Phase, work: () => Promise<Result>): Promise<Result> {
  const timeline = timelineNow();
  const from = now();
  try {
    return await work();
  } finally {
    addPhaseTime(timeline, phase, from, now());
  }
}

/** The same for what is done at once. */
export function timePhaseSync<Result>(phase: Phase, work: () => Result): Result {
  const timeline = timelineNow();
  const from = now();
  try {
    return work();
  } finally {
    addPhaseTime(timeline, phase, from, now());
  }
}
