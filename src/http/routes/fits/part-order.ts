/**
 * The order in which the parts of a fit are merged, whatever the order of arrival: whole numbers first, by value, then
 * all other names by their UTF-16 code units. So a part's number can be its name.
 */
export function comparePartNames(a: string, b: string): number {
  const [first, second] = [numberOf(a), numberOf(b)];
  if (first !== undefined && second !== undefined && first !== second) return first < second ? -1 : 1;
  if ((first === undefined) !== (second === undefined)) return first === undefined ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function numberOf(name: string): bigint | undefined {
  return /^\d+$/.test(name) ? BigInt(name) : undefined;
}
