/**
 * The fold that each sample is tested in: as sklearn.model_selection.StratifiedKFold without shuffling, so that every fold
 * has its share of each class, and samples of a class that stand together stay together.
 * @param classes of the samples, numbered from 0 in the order in which they first appear
 */
export function stratifiedFolds(classes: ArrayLike<number>, classCount: number, folds: number): Uint8Array {
  const sorted = Array.from(classes).sort((a, b) => a - b);
  const shares = Array.from({ length: folds }, () => new Uint32Array(classCount));
  sorted.forEach((label, i) => (shares[i % folds][label] += 1));
  const fold = new Uint8Array(classCount);
  const left = shares[0].slice();
  return Uint8Array.from(classes, (label) => {
    while (left[label] === 0) {
      fold[label] += 1;
      left[label] = shares[fold[label]][label];
    }
    left[label] -= 1;
    return fold[label];
  });
}

/** The same for targets that are numbers: in their order they are dealt out one by one, so that each fold has its share of every size. */
export function balancedFolds(targets: Float64Array, folds: number): Uint8Array {
  const order = Uint32Array.from(targets.keys()).sort((a, b) => targets[a] - targets[b] || a - b);
  const result = new Uint8Array(targets.length);
  order.forEach((sample, rank) => (result[sample] = rank % folds));
  return result;
}

/** The samples that a fold is tested on and those that it is trained on, ascending. */
export function splitFold(folds: Uint8Array, fold: number): { train: Uint32Array; test: Uint32Array } {
  const all = Uint32Array.from(folds.keys());
  return { train: all.filter((i) => folds[i] !== fold), test: all.filter((i) => folds[i] === fold) };
}
