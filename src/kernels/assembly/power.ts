// Yeo-Johnson and Box-Cox on float64 tiles, and what the search of their lambda sums up. A value's result does not
// depend on its neighbour in a pair: what is rare (an overflow, a zero, an infinity) is computed beside and selected.
import { expm1Pair, expPair, log1pPair, logPair } from './exponential';

export const YEO_JOHNSON = 0;
export const YEO_JOHNSON_INVERSE = 1;
export const BOX_COX = 2;
const BOX_COX_INVERSE = 3;

/** How the lambdas run along the tile: those of `arithmetic`. */
const ONE_FOR_ALL = 0;
const ONE_PER_COLUMN = 2;

/** Below this, e^z - 1 and log(1 + z) are z to the last digit, and z may have lost digits by underflow. */
const LINEAR: f64 = 1e-20;
/** From here on e^z comes near the largest double; its square root does not. */
const STEEP: f64 = 700;

/** Values per partial sum of a variance. */
const CHUNK: i32 = 1024;

@inline
function magnitudeWithSign(magnitude: v128, sign: v128): v128 {
  return v128.bitselect(sign, magnitude, i64x2.splat(i64.MIN_VALUE));
}

/** Lanes where a rate of growth makes no difference to x: the limit of (e^(rate x) - 1) / rate is x. */
@inline
function isLinear(rate: v128, product: v128): v128 {
  const slow = f64x2.lt(f64x2.abs(product), f64x2.splat(LINEAR));
  return v128.or(slow, f64x2.eq(rate, f64x2.splat(0)));
}

/** e^(product) / rate, infinite only where the quotient is. */
function growFar(rate: v128, product: v128): v128 {
  const root = expPair(f64x2.mul(product, f64x2.splat(0.5)));
  return f64x2.mul(f64x2.div(root, rate), root);
}

/** (e^(rate x) - 1) / rate. */
@inline
export function grow(rate: v128, x: v128): v128 {
  const product = f64x2.mul(rate, x);
  let y = f64x2.div(expm1Pair(product), rate);
  const steep = f64x2.gt(product, f64x2.splat(STEEP));
  if (v128.any_true(steep)) y = v128.bitselect(growFar(rate, product), y, steep);
  return v128.bitselect(x, y, isLinear(rate, product));
}

/** log(rate y), where the product is too large. */
function logOfProduct(rate: v128, y: v128): v128 {
  return f64x2.add(logPair(f64x2.abs(rate)), logPair(f64x2.abs(y)));
}

/** log(1 + rate y) / rate: the inverse of `grow`, NaN beyond its range. */
@inline
export function shrink(rate: v128, y: v128): v128 {
  const product = f64x2.mul(rate, y);
  let log = log1pPair(product);
  const steep = f64x2.eq(product, f64x2.splat(Infinity));
  if (v128.any_true(steep)) log = v128.bitselect(logOfProduct(rate, y), log, steep);
  return v128.bitselect(y, f64x2.div(log, rate), isLinear(rate, product));
}

@inline
function yeoJohnson(inverse: bool, x: v128, lambda: v128): v128 {
  const magnitude = f64x2.abs(x);
  const rate = v128.bitselect(f64x2.sub(f64x2.splat(2), lambda), lambda, f64x2.lt(x, f64x2.splat(0)));
  const y = inverse ? expm1Pair(shrink(rate, magnitude)) : grow(rate, log1pPair(magnitude));
  return v128.bitselect(x, magnitudeWithSign(y, x), f64x2.eq(lambda, f64x2.splat(1)));
}

@inline
function boxCox(inverse: bool, x: v128, lambda: v128): v128 {
  const y = inverse ? expPair(shrink(lambda, x)) : grow(lambda, logPair(x));
  const shifted = f64x2.add(x, f64x2.splat(inverse ? 1 : -1));
  const inside = f64x2.gt(x, f64x2.splat(inverse ? -1 : 0));
  return v128.bitselect(shifted, y, v128.and(inside, f64x2.eq(lambda, f64x2.splat(1))));
}

@inline
export function transform(kind: i32, x: v128, lambda: v128): v128 {
  if (kind == YEO_JOHNSON) return yeoJohnson(false, x, lambda);
  if (kind == YEO_JOHNSON_INVERSE) return yeoJohnson(true, x, lambda);
  return boxCox(kind == BOX_COX_INVERSE, x, lambda);
}

/** A lambda twice, where one is for a whole run. */
const pair = memory.data(16, 16);

@inline
function along(kind: i32, x: usize, rows: i32, columns: i32, lambdas: usize, mode: i32): void {
  const runs = mode == ONE_FOR_ALL ? 1 : rows;
  const length = mode == ONE_FOR_ALL ? rows * columns : columns;
  const each = mode == ONE_PER_COLUMN;
  for (let run = 0; run < runs; run++) {
    v128.store(pair, v128.load64_splat(lambdas + (each ? 0 : (<usize>run) << 3)));
    let lambda = each ? lambdas : pair;
    for (const end = x + ((<usize>length) << 3); x < end; ) {
      const y = transform(kind, v128.load(x), v128.load(lambda));
      if (x + 8 == end) {
        store<f64>(x, f64x2.extract_lane(y, 0));
        x += 8;
      } else {
        v128.store(x, y);
        x += 16;
      }
      if (each) lambda += 16;
    }
  }
}

/**
 * The power transform or its inverse in place, with one lambda for all (mode 0), one per row (1) or one per column (2).
 * Yeo-Johnson (Biometrika 87, 2000) is ((1 + x)^lambda - 1) / lambda for x >= 0, and its mirror image with 2 - lambda
 * below; Box-Cox (JRSS B 26, 1964) is (x^lambda - 1) / lambda. Relative errors grow to |lambda log x| units in the last
 * place, but lambda = 1 loses nothing. NaN stays; what has no image or preimage becomes NaN.
 */
export function power_step(kind: i32, x: usize, rows: i32, columns: i32, lambdas: usize, mode: i32): void {
  if (kind == YEO_JOHNSON) along(YEO_JOHNSON, x, rows, columns, lambdas, mode);
  else if (kind == YEO_JOHNSON_INVERSE) along(YEO_JOHNSON_INVERSE, x, rows, columns, lambdas, mode);
  else if (kind == BOX_COX) along(BOX_COX, x, rows, columns, lambdas, mode);
  else along(BOX_COX_INVERSE, x, rows, columns, lambdas, mode);
}

function logOfQuotient(over: v128, base: v128): v128 {
  return f64x2.sub(logPair(over), logPair(base));
}

@inline
function logOfShare(x: v128, origin: v128, base: v128): v128 {
  const over = f64x2.sub(f64x2.abs(x), origin);
  const share = f64x2.div(over, base);
  const log = log1pPair(share);
  const steep = f64x2.eq(share, f64x2.splat(Infinity));
  return v128.any_true(steep) ? v128.bitselect(logOfQuotient(over, base), log, steep) : log;
}

/**
 * Replaces x by log(1 + (|x| - origin) / base) / scale, with the sign of x where `signed`, and returns the mean.
 * Neighbours that a logarithm of each would make equal (1e15 and 1e15 + 1) stay apart when the origin is near them.
 */
export function power_logs(x: usize, count: i32, origin: f64, base: f64, scale: f64, signed: bool): f64 {
  const origins = f64x2.splat(origin), bases = f64x2.splat(base), scales = f64x2.splat(scale);
  let sums = f64x2.splat(0);
  for (let i = 0; i < count; i += 2) {
    const values = v128.load(x);
    let logs = f64x2.div(logOfShare(values, origins, bases), scales);
    if (signed) logs = magnitudeWithSign(logs, values);
    if (i + 1 < count) {
      v128.store(x, logs);
    } else {
      store<f64>(x, f64x2.extract_lane(logs, 0));
      logs = f64x2.replace_lane(logs, 1, 0);
    }
    sums = f64x2.add(sums, logs);
    x += 16;
  }
  return (f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)) / <f64>count;
}

/**
 * The population variance of (e^(rate u) - 1) / rate, where u = log - origin and the rate is `above` for u >= 0 and
 * `below` for u < 0, neither of them 0. One pass: a chunk is summed around the mean so far (the first one around its
 * first value), and chunks meet as in Chan, Golub and LeVeque (1983), so that nothing cancels.
 */
export function power_variance(logs: usize, count: i32, origin: f64, above: f64, below: f64): f64 {
  const origins = f64x2.splat(origin), aboves = f64x2.splat(above), belows = f64x2.splat(below);
  const gains = f64x2.splat(1 / above), losses = f64x2.splat(1 / below);
  let seen: f64 = 0, mean: f64 = 0, m2: f64 = 0;
  for (let from = 0; from < count; from += CHUNK) {
    const size = min(CHUNK, count - from);
    let near = f64x2.splat(mean), s1 = f64x2.splat(0), s2 = f64x2.splat(0);
    for (let i = 0; i < size; i += 2) {
      const u = f64x2.sub(v128.load(logs), origins);
      const rises = f64x2.ge(u, f64x2.splat(0));
      const rate = v128.bitselect(aboves, belows, rises);
      const y = f64x2.mul(expm1Pair(f64x2.mul(rate, u)), v128.bitselect(gains, losses, rises));
      if (from + i == 0) near = f64x2.splat(f64x2.extract_lane(y, 0));
      let d = f64x2.sub(y, near);
      if (i + 1 == size) d = f64x2.replace_lane(d, 1, 0);
      s1 = f64x2.add(s1, d);
      s2 = f64x2.add(s2, f64x2.mul(d, d));
      logs += 16;
    }
    const sum = f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1);
    const squares = f64x2.extract_lane(s2, 0) + f64x2.extract_lane(s2, 1);
    const offset = sum / <f64>size;
    const chunkMean = f64x2.extract_lane(near, 0) + offset;
    const total = seen + <f64>size;
    const delta = chunkMean - mean;
    m2 += squares - offset * sum + delta * delta * seen * (<f64>size / total);
    mean += delta * (<f64>size / total);
    seen = total;
  }
  return m2 / seen;
}
