// The kernels' entry: every exported function takes addresses in bytes and counts in elements. Addresses are given by
// src/kernels/kernels.ts, which owns the memory; a tile may be read up to 8 bytes past its end.
export { copy_columns, copy_samples } from './copy-columns';
export { load_tile, store_tile, swap_bytes } from './load-store';
export { extent, extent_merge } from './extent';
export { moments, moments_weighted, drop_nan } from './moments';
export { moments_merge } from './moments-state';
export { power_sum, power_sum_merge, power_sum_root } from './power-sums';
export { normal_quantile, normal_cdf } from './normal';
export { to_rank, from_rank } from './rank';
export { count_at_most, log_step } from './log';
export { power_step, power_logs, power_variance } from './power';
export { power_near_step } from './power-near';
export { count_patterns } from './count-patterns';
export { bin_counts } from './histogram';
export { count_deciles } from './deciles';
export { count_keys, gather, gather_window, value_of_key, values_of_keys } from './gather-keys';
export { select } from './radix-select';
export { byte_extent, byte_moments, byte_power_sum } from './reduce-u8';
export { single_extent, single_moments, single_power_sum } from './reduce-f32';
export { arithmetic, stretch, fill_nan } from './elementwise';
export { enclose_inverses } from './f32-fast-path';
export { check_samples, check_tile, overflow_count, reset_misfits, stray_count } from './misfits';
export { refused_at, transform } from './fused-transform';
export { powers_of_five } from './powers-of-five';
export { read_lists } from './read-lists';
export {
  add_outer,
  add_products,
  add_values,
  by_feature,
  feature_sums,
  lay_panels,
  multiply,
  shift_features,
  solve_lower,
} from './products';
export { cholesky, eigen_symmetric, invert_lower } from './eigen';
export { write_lists } from './write-lists';
export { gram_panel, nearest_rows, add_product, add_outer_products } from './probes';

/** The first address that the kernels' own data leave free. */
export function heap_base(): usize {
  return __heap_base;
}
