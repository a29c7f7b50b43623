/** What a report shows of the evidence: words and numbers, in the order in which they are read. */
export interface EvidenceView {
  /** What was judged, and how, in a sentence. */
  basis: string;
  answers: {
    heading: string;
    /** A sentence in three parts, the middle one of which is the choice. */
    sentence: { before: string; choice: string; after: string };
    reasons: readonly string[];
  }[];
  dangers: readonly string[];
  /** What each candidate is called; the data as they are come first. */
  candidates: readonly string[];
  /** One per model; none without labels. */
  probes: ProbeView[];
  facts: CandidateFacts[];
  networks: NetworkView[];
  columns?: ColumnsView;
  images?: ImagesView;
}

/** One model's scores, one per candidate. */
export interface ProbeView {
  title: string;
  /** What it is, exactly. */
  subtitle: string;
  /** How a score is written. */
  unit: 'accuracy' | 'r2';
  results: (ScoreView | undefined)[];
}

export interface ScoreView {
  score: number;
  folds: readonly number[];
  /** Against the best. */
  pValue?: number;
  isBest: boolean;
  /** Whether the best is no better as far as these samples tell. */
  isEqual: boolean;
}

/** What the data alone tell of a candidate. */
export interface CandidateFacts {
  conditionNumber?: string;
  maxLearningRate?: number;
  scaleRatio: string;
  norms: { min: number; median: number; max: number };
}

/** The learning curves of one kind of network. */
export interface NetworkView {
  title: string;
  stepsPerPoint: number;
  rates: {
    learningRate: number;
    /** One per candidate. */
    lines: ({ curve: readonly number[]; hasDiverged: boolean } | undefined)[];
  }[];
}

/** One row per column of a table. */
export interface ColumnsView {
  /** How many there are in all. */
  total: number;
  rows: {
    name: string;
    range: [number, number];
    std: number;
    skewness: number;
    outliers: number;
    zeros: number;
    /** Counts of equal bins, one list per candidate. */
    histograms: readonly (readonly number[])[];
  }[];
}

/** Samples as images, one row per candidate. */
export interface ImagesView {
  height: number;
  width: number;
  channels: number;
  samples: readonly number[];
  /** Per candidate, per sample. */
  pixels: readonly (readonly Float32Array[])[];
  /** Per candidate, the values that are black and white. */
  ranges: readonly [number, number][];
}
