/** Elements as they came, `stride` elements from row to row. */
type RawTile = [address: number, stride: number, rows: number, columns: number, rowIsSlice: boolean];

/**
 * Adds a tile of elements as they came to a state.
 * @returns false if there is no kernel for it or a value is not finite; then the state must be discarded
 */
export type AddRaw = (...given: [...RawTile, state: number, field: number]) => boolean;

type AddRawPowers = (...given: [...RawTile, p: number, state: number, field: number]) => boolean;

/** The functions of assembly/index.ts: addresses in bytes, counts in elements, booleans as 0 and 1. */
export interface Kernels {
  memory: WebAssembly.Memory;
  heap_base(): number;
  load_tile(dtype: number, from: number, stride: number, rows: number, columns: number, to: number): number;
  store_tile(dtype: number, from: number, rows: number, columns: number, to: number, stride: number): void;
  swap_bytes(width: number, at: number, count: number): void;
  copy_columns(
    width: number,
    whole: number,
    part: number,
    rows: number,
    rowLength: number,
    columns: number,
    count: number,
    isGather: boolean,
  ): void;
  copy_samples(from: number, to: number, bytes: number, order: number, count: number, isGather: boolean): void;
  extent(x: number, rows: number, columns: number, rowIsSlice: boolean, state: number, field: number): void;
  extent_merge(slices: number, from: number, fromField: number, into: number, intoField: number): void;
  moments(x: number, rows: number, columns: number, rowIsSlice: boolean, state: number, field: number): void;
  moments_weighted(
    x: number,
    w: number,
    rows: number,
    columns: number,
    rowIsSlice: boolean,
    state: number,
    field: number,
  ): void;
  moments_merge(slices: number, from: number, fromField: number, into: number, intoField: number): void;
  drop_nan(x: number, w: number, count: number): void;
  power_sum(
    x: number,
    rows: number,
    columns: number,
    rowIsSlice: boolean,
    p: number,
    clean: boolean,
    state: number,
    field: number,
  ): void;
  power_sum_merge(slices: number, p: number, from: number, fromField: number, into: number, intoField: number): void;
  power_sum_root(slices: number, p: number, exponents: number, sums: number, to: number): void;
  count_at_most(x: number, count: number, bound: number): number;
  log_step(kind: number, x: number, count: number): void;
  power_step(kind: number, x: number, rows: number, columns: number, lambdas: number, mode: number): void;
  power_near_step(
    kind: number,
    x: number,
    rows: number,
    columns: number,
    lambdas: number,
    references: number,
    mode: number,
  ): void;
  power_logs(x: number, count: number, origin: number, base: number, scale: number, signed: boolean): number;
  power_variance(logs: number, count: number, origin: number, above: number, below: number): number;
  bin_counts(x: number, rows: number, columns: number, edges: number, bins: number, state: number, field: number): void;
  count_deciles(
    x: number,
    rows: number,
    columns: number,
    rowIsSlice: boolean,
    edges: number,
    counts: number,
    toNext: number,
  ): void;
  count_patterns(
    width: number,
    from: number,
    stride: number,
    rows: number,
    columns: number,
    rowIsSlice: boolean,
    tables: number,
  ): void;
  count_keys(x: number, length: number, toNext: number, low: bigint, shift: number, table: number): void;
  gather(
    x: number,
    slices: number,
    toSlice: number,
    length: number,
    toNext: number,
    hasNan: boolean,
    ends: number,
  ): void;
  gather_window(x: number, length: number, toNext: number, low: bigint, width: bigint, to: number): number;
  value_of_key(key: bigint): number;
  values_of_keys(at: number, count: number): void;
  select(at: number, count: number, ranks: number, wanted: number, jobs: number, to: number): void;
  arithmetic(op: number, x: number, rows: number, columns: number, operand: number, mode: number): void;
  to_rank(
    x: number,
    rows: number,
    columns: number,
    rowIsSlice: boolean,
    landmarks: number,
    count: number,
    references: number,
  ): void;
  from_rank(
    x: number,
    rows: number,
    columns: number,
    rowIsSlice: boolean,
    landmarks: number,
    count: number,
    references: number,
    margin: number,
  ): void;
  normal_quantile(x: number, count: number): void;
  normal_cdf(x: number, count: number): void;
  byte_extent: AddRaw;
  byte_moments: AddRaw;
  byte_power_sum: AddRawPowers;
  single_extent: AddRaw;
  single_moments: AddRaw;
  single_power_sum: AddRawPowers;
  enclose_inverses(divisors: number, count: number, near: number, far: number): void;
  transform(
    dtype: number,
    from: number,
    stride: number,
    rows: number,
    columns: number,
    steps: number,
    count: number,
    sliceAt: number,
    rowIsSlice: boolean,
    outDtype: number,
    to: number,
    refuse: number,
  ): number;
  refused_at(): number;
  reset_misfits(): void;
  overflow_count(): number;
  stray_count(): number;
  check_samples(x: number, features: number, rows: number, y: number, outputs: number, outDtype: number): void;
  check_tile(
    dtype: number,
    from: number,
    stride: number,
    rows: number,
    columns: number,
    y: number,
    outDtype: number,
  ): void;
  powers_of_five(): number;
  read_lists(text: number, length: number, to: number, state: number): number;
  write_lists(
    x: number,
    count: number,
    isSingle: boolean,
    isCsv: boolean,
    rank: number,
    state: number,
    to: number,
  ): number;
  gram_panel(panel: number, columns: number, gram: number): void;
  nearest_rows(
    x: number,
    rows: number,
    width: number,
    first: number,
    query: number,
    stretches: number,
    stretchCount: number,
    k: number,
    distances: number,
    found: number,
  ): void;
  add_product(into: number, width: number, inputs: number, count: number, weights: number): void;
  add_outer_products(
    weights: number,
    inputs: number,
    count: number,
    errors: number,
    width: number,
    factor: number,
  ): void;
  stretch(x: number, count: number, low: number, high: number): void;
  by_feature(x: number, rows: number, columns: number, to: number, stride: number): void;
  feature_sums(byFeature: number, features: number, stride: number, count: number, to: number): void;
  shift_features(byFeature: number, features: number, stride: number, count: number, shifts: number): void;
  add_products(byFeature: number, features: number, stride: number, triangle: number): void;
  add_outer(d: number, features: number, factor: number, triangle: number): void;
  add_values(from: number, count: number, to: number): void;
  lay_panels(matrix: number, inputs: number, outputs: number, transposed: boolean, to: number): void;
  multiply(x: number, rows: number, inputs: number, panels: number, outputs: number, to: number): void;
  solve_lower(y: number, rows: number, size: number, matrix: number): void;
  eigen_symmetric(matrix: number, size: number, values: number, vectors: number, room: number): boolean;
  cholesky(matrix: number, size: number): boolean;
  invert_lower(matrix: number, size: number, room: number): void;
  fill_nan(x: number, count: number, value: number): void;
}
