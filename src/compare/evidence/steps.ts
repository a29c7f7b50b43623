import type { ColumnProfile } from '#evidence/columns.ts';
import type { Conditioning } from '#evidence/conditioning.ts';
import type { LogisticFit } from '#evidence/logistic.ts';
import type { Network } from '#evidence/network.ts';

/** A matrix that all threads see. */
export interface SharedMatrix {
  buffer: SharedArrayBuffer;
  rows: number;
  columns: number;
}

/** What is predicted: classes numbered from 0, or numbers. */
export interface Labels {
  values: Float64Array;
  /** 0 for numbers. */
  classCount: number;
}

/** One fold of one candidate. */
export interface Fold {
  x: SharedMatrix;
  labels: Labels;
  train: Uint32Array;
  test: Uint32Array;
}

/** The pieces of work that evidence is made of, each well under a second, and what comes of each. */
export interface Steps {
  /** The rows that hold neither NaN nor an infinity. */
  finite_rows: { step: { name: 'finite_rows'; x: SharedMatrix }; result: Uint32Array };
  profile: { step: { name: 'profile'; x: SharedMatrix; first: number; count: number }; result: ColumnProfile[] };
  norms: { step: { name: 'norms'; x: SharedMatrix }; result: Float64Array<ArrayBuffer> };
  /** Adds to a matrix that is shared, so that it does not travel. */
  gram: {
    step: { name: 'gram'; x: SharedMatrix; rows: Uint32Array; offset: Float64Array; gram: SharedArrayBuffer };
    result: undefined;
  };
  conditioning: {
    step: { name: 'conditioning'; gram: SharedArrayBuffer; sums: Float64Array; samples: number };
    result: Conditioning;
  };
  stretches: { step: { name: 'stretches'; x: SharedMatrix; train: Uint32Array }; result: Uint32Array };
  neighbors: {
    step: { name: 'neighbors'; stretches: Uint32Array; queries: Uint32Array } & Omit<Fold, 'test'>;
    /** What is predicted of the queries. */
    result: Float64Array<ArrayBuffer>;
  };
  centroids: { step: { name: 'centroids' } & Fold; result: Float64Array<ArrayBuffer> };
  means: { step: { name: 'means'; x: SharedMatrix; rows: Uint32Array }; result: Float64Array };
  ridge: {
    step: { name: 'ridge'; gram: SharedArrayBuffer; means: Float64Array } & Fold;
    result: Float64Array<ArrayBuffer>;
  };
  logistic: {
    step: { name: 'logistic'; fit: LogisticFit; steps: number } & Fold;
    result: { fit: LogisticFit; predicted?: Float64Array<ArrayBuffer> };
  };
  network: {
    step: { name: 'network'; network: Network; steps: number; isLast: boolean } & Fold;
    result: { network: Network; predicted?: Float64Array<ArrayBuffer> };
  };
}

export interface EvidenceTask {
  step: Steps[keyof Steps]['step'];
}

/** What comes of a step: that of its name. */
export type EvidenceResult = Steps[keyof Steps]['result'];
