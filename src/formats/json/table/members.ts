import { Problem } from '#errors.ts';
import {
  closeBrace,
  colon,
  comma,
  endOfString,
  endOfValue,
  notJson,
  quote,
  readString,
  skipBlanks,
  skipOver,
} from './scan.ts';

/** Where the members of an object begin. */
export function membersOf(bytes: Uint8Array, start: number): Map<string, number> {
  const members = new Map<string, number>();
  let at = skipBlanks(bytes, start + 1);
  while (bytes[at] !== closeBrace) {
    if (members.size > 0) at = skipOver(bytes, at, comma);
    if (bytes[at] !== quote) throw notJson(bytes, at, 'a name in quotes is expected');
    const end = endOfString(bytes, at);
    const name = readString(bytes, at, end);
    if (members.has(name)) throw new Problem('invalid_json', `The table has the member "${name.slice(0, 40)}" twice.`);
    at = skipOver(bytes, end, colon);
    members.set(name, at);
    at = skipBlanks(bytes, endOfValue(bytes, at));
  }
  return members;
}
