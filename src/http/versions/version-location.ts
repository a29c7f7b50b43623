import type { Version } from '#store/versions.ts';

/** The path of a version. */
export function locationOf({ name, version }: Pick<Version, 'name' | 'version'>): string {
  return `/v1/normalizers/${name}/versions/${version}`;
}
