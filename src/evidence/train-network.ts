import { copyOfDoubles, doublesAt, kernels, copyIn, allocate, withScratch } from '#kernels/kernels.ts';
import type { Matrix } from './matrix.ts';
import { batchSize, even, type Network, type NetworkTargets, stepsPerPoint } from './network.ts';
import { shuffle } from './random.ts';

const orderSeed = 2;

/** A network in the kernels' memory: addresses of its weights, and of what a batch needs. */
interface Placed {
  network: Network;
  width: number;
  first: number;
  last: number;
  inputs: number;
  units: number;
  errors: number;
  back: number;
}

/**
 * Goes on with plain stochastic gradient descent: batches of 32 in a fixed order, one step size, no momentum, no decay.
 * @param steps how many more, a multiple of `stepsPerPoint`; the rest is left out when it diverges
 */
export function trainNetwork(
  network: Network,
  x: Matrix,
  targets: NetworkTargets,
  train: Uint32Array,
  steps: number,
  seed = 0,
): void {
  const batches = Math.max(1, Math.floor(train.length / batchSize));
  const end = network.step + steps;
  withScratch(() => {
    const placed = placeNetwork(network, batchSize);
    let epoch = -1;
    let order = train;
    let sum = 0;
    while (network.step < end && !network.hasDiverged) {
      const { step } = network;
      if (epoch !== Math.floor(step / batches)) {
        epoch = Math.floor(step / batches);
        order = shuffle(train, orderSeed + 1000 * seed + 7919 * epoch);
      }
      const start = (step % batches) * batchSize;
      sum += trainBatch(placed, x, targets, order.subarray(start, start + batchSize));
      network.step += 1;
      if (network.step % stepsPerPoint > 0) continue;
      network.hasDiverged = !Number.isFinite(sum);
      if (!network.hasDiverged) network.curve.push(sum / stepsPerPoint);
      sum = 0;
    }
    network.first = copyOfDoubles(placed.first, network.first.length);
    network.last = copyOfDoubles(placed.last, network.last.length);
  });
}

/** What a network predicts: classes, or numbers in the units it was trained in. */
export function predictNetwork(
  network: Network,
  x: Matrix,
  test: Uint32Array,
  isClassifier: boolean,
): Float64Array<ArrayBuffer> {
  return withScratch(() => {
    const placed = placeNetwork(network, 1);
    const outputs = doublesAt(placed.errors, network.outputs);
    return Float64Array.from(test, (sample) => {
      forward(placed, x, sample, 0);
      return isClassifier ? outputs.indexOf(Math.max(...outputs)) : outputs[0];
    });
  });
}

function placeNetwork(network: Network, batch: number): Placed {
  const { columns, hidden, outputs } = network;
  const width = even(outputs);
  return {
    network,
    width,
    first: copyIn(network.first),
    last: copyIn(network.last),
    inputs: allocate(batch * columns * 8),
    units: allocate(batch * hidden * 8),
    errors: allocate(batch * width * 8),
    back: allocate(batch * hidden * 8),
  };
}

/** One step; the mean loss before it. */
function trainBatch(placed: Placed, x: Matrix, targets: NetworkTargets, batch: Uint32Array): number {
  const { network, width, first, last, inputs, units, errors, back } = placed;
  const { columns, hidden, firstBias, lastBias, learningRate } = network;
  const rate = -learningRate / batch.length;
  let loss = 0;
  for (let i = 0; i < batch.length; i++) {
    forward(placed, x, batch[i], i);
    loss += toErrors(placed, i, targets, targets.values[batch[i]]);
  }
  // All errors are known before the first weight changes: the hidden layer's need the last layer as it was.
  if (hidden > 0) toHiddenErrors(placed, batch.length);
  const error = doublesAt(errors, batch.length * width);
  const unitError = doublesAt(back, batch.length * hidden);
  for (let i = 0; i < batch.length; i++) {
    const input = inputs + i * columns * 8;
    const own = errors + i * width * 8;
    if (hidden > 0) kernels.add_outer_products(last, units + i * hidden * 8, hidden, own, width, rate);
    else kernels.add_outer_products(last, input, columns, own, width, rate);
    for (let o = 0; o < width; o++) lastBias[o] += rate * error[i * width + o];
    if (hidden === 0) continue;
    kernels.add_outer_products(first, input, columns, back + i * hidden * 8, hidden, rate);
    for (let h = 0; h < hidden; h++) firstBias[h] += rate * unitError[i * hidden + h];
  }
  return loss / batch.length;
}

/** A sample's hidden units, rectified, and its outputs, at the place of the sample in the batch. */
function forward({ network, width, ...at }: Placed, x: Matrix, sample: number, place: number): void {
  const { columns, hidden, firstBias, lastBias } = network;
  const inputs = at.inputs + place * columns * 8;
  const units = at.units + place * hidden * 8;
  const outputs = at.errors + place * width * 8;
  doublesAt(inputs, columns).set(x.values.subarray(sample * columns, (sample + 1) * columns));
  doublesAt(outputs, width).set(lastBias);
  if (hidden === 0) {
    kernels.add_product(outputs, width, inputs, columns, at.last);
    return;
  }
  const values = doublesAt(units, hidden);
  values.set(firstBias);
  kernels.add_product(units, hidden, inputs, columns, at.first);
  for (let h = 0; h < hidden; h++) if (values[h] < 0) values[h] = 0;
  kernels.add_product(outputs, width, units, hidden, at.last);
}

/** Replaces the outputs with the gradient of the loss with respect to them, and returns the loss. */
function toErrors(
  { network, width, errors }: Placed,
  place: number,
  { classCount }: NetworkTargets,
  target: number,
): number {
  const { outputs } = network;
  const own = doublesAt(errors + place * width * 8, width);
  if (classCount === 0) {
    own[0] -= target;
    own.fill(0, 1);
    return 0.5 * own[0] * own[0];
  }
  let most = own[0];
  for (let o = 1; o < outputs; o++) most = Math.max(most, own[o]);
  const score = own[target] - most;
  let total = 0;
  for (let o = 0; o < outputs; o++) {
    own[o] = Math.exp(own[o] - most);
    total += own[o];
  }
  for (let o = 0; o < outputs; o++) own[o] /= total;
  own[target] -= 1;
  // An odd number of outputs has one more, which stays zero.
  own.fill(0, outputs);
  return Math.log(total) - score;
}

function toHiddenErrors({ network, width, ...at }: Placed, count: number): void {
  const { hidden, outputs } = network;
  const units = doublesAt(at.units, count * hidden);
  const errors = doublesAt(at.errors, count * width);
  const last = doublesAt(at.last, hidden * width);
  const back = doublesAt(at.back, count * hidden);
  for (let i = 0; i < count; i++) {
    for (let h = 0; h < hidden; h++) {
      let sum = 0;
      if (units[i * hidden + h] > 0) {
        for (let o = 0; o < outputs; o++) sum += last[h * width + o] * errors[i * width + o];
      }
      back[i * hidden + h] = sum;
    }
  }
}
