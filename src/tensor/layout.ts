import { keptShape } from './axis.ts';

/** Elements per kernel call: 128 KiB as float64, which fits the L2 cache. */
export const tileCapacity = 2 ** 14;

/** Maximum columns of a tile in which every column is a slice, so that it has at least 16 rows to sum over. */
const stripWidth = 2 ** 10;

/** A run of adjacent axes that are all kept or all reduced. */
interface Run {
  kept: boolean;
  length: number;
}

/**
 * How a tensor divides into slices, one per kept index. The axes collapse to alternating kept and reduced runs; the
 * last run is the row that kernels process, and the run before it counts the rows.
 */
export interface Layout {
  /** The number of slices. */
  slices: number;
  /** The shape of one value per slice. */
  keptShape: number[];
  /** Elements of one slice. */
  sliceLength: number;
  /** Whether a row belongs to one slice (the last run is reduced); otherwise each column is a slice. */
  rowIsSlice: boolean;
  /** Elements of a row, and consecutive rows in one pair of runs. */
  rowLength: number;
  rows: number;
  /** The runs before that pair, innermost first, with their strides in slices (0 if reduced). */
  outer: { length: number; sliceStep: number }[];
  /** Of samples that lie group after group: each group has slices of its own. */
  groups?: GroupedSamples;
}

/** Samples sorted by group. */
export interface GroupedSamples {
  /** The first sample of each group, and the number of samples. */
  starts: Int32Array;
  /** Elements of a sample, and the slices of one group. */
  sampleLength: number;
  slices: number;
  /** The layout of some samples of one group. */
  layoutOf(samples: number): Layout;
}

/**
 * The layout of samples that lie group after group.
 * @param shape of all samples
 * @param reduced which of its axes are reduced, the first among them
 */
export function groupedLayout(shape: readonly number[], reduced: readonly boolean[], starts: Int32Array): Layout {
  const [, ...sample] = shape;
  const layouts = new Map<number, Layout>();
  const layoutFor = (samples: number) => {
    let layout = layouts.get(samples);
    if (!layout) layouts.set(samples, (layout = layoutOf([samples, ...sample], reduced)));
    return layout;
  };
  const plain = layoutFor(2);
  const count = starts.length - 1;
  const sampleLength = sample.reduce((product, length) => product * length, 1);
  return {
    ...plain,
    slices: plain.slices * count,
    keptShape: [count, ...plain.keptShape],
    groups: { starts, sampleLength, slices: plain.slices, layoutOf: layoutFor },
  };
}

/**
 * @param shape the tensor's shape
 * @param reduced which of its axes are reduced, as `reducedAxes` gives it
 */
export function layoutOf(shape: readonly number[], reduced: readonly boolean[]): Layout {
  const runs: Run[] = [];
  shape.forEach((length, at) => {
    if (length === 1) return;
    const last = runs.at(-1);
    if (last && last.kept === !reduced[at]) last.length *= length;
    else runs.push({ kept: !reduced[at], length });
  });
  const row = runs.pop() ?? { kept: false, length: 1 };
  const rows = runs.pop()?.length ?? 1;
  let sliceStep = row.kept ? row.length : rows;
  const outer = runs.reverse().map((run) => {
    const step = run.kept ? sliceStep : 0;
    if (run.kept) sliceStep *= run.length;
    return { length: run.length, sliceStep: step };
  });
  const kept = keptShape(shape, reduced);
  const slices = kept.reduce((product, length) => product * length, 1);
  const total = shape.reduce((product, length) => product * length, 1);
  return {
    slices,
    keptShape: kept,
    sliceLength: slices === 0 ? 0 : total / slices,
    rowIsSlice: !row.kept,
    rowLength: row.length,
    rows,
    outer,
  };
}

/** A rectangle of elements for one kernel call. */
export interface Tile {
  /** Flat index of its first element, counted from the start of the block. */
  offset: number;
  rows: number;
  columns: number;
  /** Elements from one row to the next. */
  stride: number;
  /** The slice of its first row (`rowIsSlice`) or of its first column. */
  slice: number;
}

/** Visits the tiles of the flat range `[offset, offset + count)`, in an order that depends only on the layout. */
export function eachTile(layout: Layout, offset: number, count: number, visit: (tile: Tile) => void): void {
  if (layout.groups) {
    eachGroup(layout.groups, visit);
    return;
  }
  const { rowLength, rows } = layout;
  const pair = rows * rowLength;
  for (let at = offset; at < offset + count; ) {
    const inPair = at % pair;
    const row = Math.floor(inPair / rowLength);
    const column = inPair % rowLength;
    const rest = offset + count - at;
    const whole = column === 0 && rest >= rowLength;
    const height = whole ? Math.min(rows - row, Math.floor(rest / rowLength)) : 1;
    const width = whole ? rowLength : Math.min(rowLength - column, rest);
    const slice = firstSlice(layout, Math.floor(at / pair)) + (layout.rowIsSlice ? row : column);
    // A partial row has no next row, and a row of a tensor of unknown length may have no end.
    const stride = whole ? rowLength : width;
    cutRectangle(layout, { offset: at - offset, rows: height, columns: width, stride, slice }, visit);
    at += height * width;
  }
}

function eachGroup(
  { starts, sampleLength, slices, layoutOf: layoutFor }: GroupedSamples,
  visit: (tile: Tile) => void,
): void {
  for (let group = 0; group + 1 < starts.length; group++) {
    const samples = starts[group + 1] - starts[group];
    const offset = starts[group] * sampleLength;
    eachTile(layoutFor(samples), 0, samples * sampleLength, (tile) => {
      tile.offset += offset;
      tile.slice += group * slices;
      visit(tile);
    });
  }
}

/** The first slice of the `index`-th pair of runs. */
function firstSlice(layout: Layout, index: number): number {
  let slice = 0;
  let rest = index;
  for (const { length, sliceStep } of layout.outer) {
    slice += (rest % length) * sliceStep;
    rest = Math.floor(rest / length);
  }
  return slice;
}

function cutRectangle(layout: Layout, rectangle: Tile, visit: (tile: Tile) => void): void {
  const { offset, rows, columns, stride, slice } = rectangle;
  const widest = rows === 1 || layout.rowIsSlice ? tileCapacity : stripWidth;
  const width = rows * columns <= tileCapacity ? columns : Math.min(columns, widest);
  const height = Math.min(rows, Math.max(1, Math.floor(tileCapacity / width)));
  for (let row = 0; row < rows; row += height) {
    for (let column = 0; column < columns; column += width) {
      visit({
        offset: offset + row * stride + column,
        rows: Math.min(height, rows - row),
        columns: Math.min(width, columns - column),
        stride,
        slice: slice + (layout.rowIsSlice ? row : column),
      });
    }
  }
}

/** The slices `[from, to)` that a flat range overlaps. */
export function slicesTouched(layout: Layout, offset: number, count: number): { from: number; to: number } {
  if (layout.groups) return { from: 0, to: layout.slices };
  let from = Infinity;
  let to = 0;
  eachTile(layout, offset, count, (tile) => {
    from = Math.min(from, tile.slice);
    to = Math.max(to, tile.slice + (layout.rowIsSlice ? tile.rows : tile.columns));
  });
  return { from, to };
}
