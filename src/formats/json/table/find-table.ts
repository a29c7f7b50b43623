import { Problem, problemAt } from '#errors.ts';
import { endOfValue, openBrace, openBracket, skipBlanks } from './scan.ts';
import { membersOf } from './members.ts';

/** Where a table stands in a JSON body. */
export interface FoundTable {
  start: number;
  end: number;
  /** Its JSON pointer. */
  pointer: string;
}

/** The members of a request that may be a table: its own, and MLflow's. */
const tableMembers = ['data', 'dataframe_split', 'dataframe_records'];

/**
 * Finds the table in a request in JSON, without making anything of its values.
 * @returns undefined where there is none, and where the body is no JSON: whoever parses it tells
 * @throws Problem invalid_request for two members that are the data
 */
export function findTable(body: Uint8Array): FoundTable | undefined {
  if (!mayHoldTable(body)) return undefined;
  const start = skipBlanks(body, 0);
  if (body[start] !== openBrace) return undefined;
  const members = tryMembers(body, start);
  const named = tableMembers.filter((name) => members?.has(name));
  const [member] = named;
  if (!members || member === undefined) return undefined;
  if (named.length > 1) {
    throw problemAt('invalid_request', `/${named[1]}`, `${named[0]} and ${named[1]} are the data, and one is enough.`);
  }
  const at = members.get(member) ?? 0;
  if (member === 'data' && !isTable(body, at)) return undefined;
  return { start: at, end: endOfValue(body, at), pointer: `/${member}` };
}

/** Whether a JSON value is a table: a list of objects, or an object with columns and data. */
export function isTable(bytes: Uint8Array, start: number): boolean {
  if (bytes[start] === openBracket) return bytes[skipBlanks(bytes, start + 1)] === openBrace;
  if (bytes[start] !== openBrace) return false;
  const members = tryMembers(bytes, start);
  return members?.has('columns') === true && members.has('data');
}

/** A look that costs little: most bodies are arrays. */
function mayHoldTable(body: Uint8Array): boolean {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (text.includes('"dataframe_')) return true;
  for (let at = text.indexOf('"data"'); at >= 0; at = text.indexOf('"data"', at + 1)) {
    const value = skipBlanks(text, skipBlanks(text, at + 6) + 1);
    if (text[value] === openBrace && text.includes('"columns"')) return true;
    if (text[value] === openBracket && text[skipBlanks(text, value + 1)] === openBrace) return true;
  }
  return false;
}

function tryMembers(bytes: Uint8Array, start: number): Map<string, number> | undefined {
  try {
    return membersOf(bytes, start);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
