import type { Server, ServerName } from './servers.ts';

/** What one round measured, by names that say the unit. Of what is per second more is better, of the rest less. */
export type Figures = Record<string, number>;

/** One round of one side. */
export type Measure = () => Promise<Figures>;

/** Who is measured; `scipy` computes in its own process, without HTTP, and `idle` is the service with nothing to do. */
export const sides = ['service', 'baseline', 'peer', 'scipy', 'idle'] as const;

export type Side = (typeof sides)[number];

/** The server that a side asks, and what it asks it. */
export interface Route {
  server: ServerName;
  path: string;
}

/** What a figure must reach: a ratio to another side's, or a bound in every round. */
export type Target = { figure: string; ratio: number; to?: Side } | { figure: string; most: number };

export interface Bench {
  /** MNIST's training images, or as many invented pixels. */
  pixels(): Uint8Array;
  /** Starts a server that is stopped with the scenario at the latest. */
  start(name: ServerName): Promise<Server>;
  /** Something else that is done when the scenario is over. */
  atEnd(work: () => void): void;
}

export interface Scenario {
  name: string;
  about: string;
  rounds: number;
  quickRounds: number;
  /** Requests that the service gets in a round. */
  requests: number;
  targets: readonly Target[];
  sides: { service: Route; baseline: Route } & Partial<Record<Side, Route>>;
  /** Starts what a side needs; what it gives measures a round. */
  prepare(bench: Bench, route: Route): Promise<Measure>;
  /** The same for SciPy, where it computes the same thing. */
  scipy?(bench: Bench): Promise<Measure>;
}
