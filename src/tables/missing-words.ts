/** What stands for a missing number in text, besides nothing at all: the words of pandas' `read_csv`, as they are written. */
export const missingWords: ReadonlySet<string> = new Set([
  ...['#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN', '<NA>', 'N/A', 'NA'],
  ...['NULL', 'NaN', 'None', 'n/a', 'nan', 'null'],
]);
