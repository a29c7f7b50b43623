import type { FittedEstimator } from './fitted-estimator.ts';
import { construct } from './snippet.ts';

/** A fitted estimator of scikit-learn that is made of none. */
export interface Plain {
  kind: 'plain';
  estimator: FittedEstimator;
  json: Record<string, unknown>;
}

/** A Pipeline, or a ColumnTransformer. */
export interface Composed {
  kind: 'pipeline' | 'columns';
  /** Undefined where columns pass. */
  parts: readonly (Composed | Plain | undefined)[];
  json: Record<string, unknown>;
  /** Of a ColumnTransformer: the columns of each part, of how many, and their names. */
  columns?: readonly number[][];
  width?: number;
  names?: readonly string[];
}

/**
 * Python code that rebuilds a Pipeline or a ColumnTransformer as `estimator`. A ColumnTransformer is fitted by `fit` alone, so
 * that the fitted estimators go in as functions, which fitting leaves as they are.
 */
export function composedSnippet(composed: Composed): string {
  const lines: string[] = [];
  const classes = new Map<string, Set<string>>([
    ['sklearn.compose', new Set(['ColumnTransformer'])],
    ['sklearn.pipeline', new Set(['Pipeline'])],
    ['sklearn.preprocessing', new Set(['FunctionTransformer'])],
  ]);
  const name = build(composed, lines, classes, { next: 0 });
  const imports = [...classes].map(([module, all]) => `from ${module} import ${[...all].sort().join(', ')}`);
  return ['import numpy as np', ...imports, '', ...lines, `estimator = ${name}`, ''].join('\n');
}

function build(
  one: Composed | Plain,
  lines: string[],
  classes: Map<string, Set<string>>,
  count: { next: number },
): string {
  if (one.kind === 'plain') {
    const { class: type, module = 'sklearn.preprocessing' } = one.estimator;
    classes.set(module, (classes.get(module) ?? new Set()).add(type));
    for (const { class: inner } of innerEstimators(one.estimator)) classes.get(module)?.add(inner);
    const name = `part_${count.next++}`;
    lines.push(...construct(name, one.estimator));
    return name;
  }
  const parts = one.parts.map((part) => (part ? build(part, lines, classes, count) : undefined));
  const name = `part_${count.next++}`;
  if (one.kind === 'pipeline') {
    lines.push(`${name} = Pipeline([${parts.map((part, at) => `("${at}", ${part ?? '"passthrough"'})`).join(', ')}])`);
    return name;
  }
  const transformers = parts.map((part, at) => {
    const columns = (one.columns ?? [])[at].join(', ');
    const what = part === undefined ? '"passthrough"' : `FunctionTransformer(${part}.transform)`;
    return `    ("${at}", ${what}, [${columns}]),`;
  });
  lines.push(`${name} = ColumnTransformer([`, ...transformers, `], remainder="drop").fit(np.ones((1, ${one.width})))`);
  return name;
}

function innerEstimators({ attributes }: FittedEstimator): FittedEstimator[] {
  return Object.values(attributes).filter(
    (value): value is FittedEstimator => typeof value === 'object' && value !== null && 'class' in value,
  );
}
