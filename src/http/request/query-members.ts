import { problemAt } from '#errors.ts';
import { nearestName, quoteName } from '#nearest-name.ts';
import { methods } from '#normalizers/registry.ts';

/** What formats read from the query by themselves, as text. */
const ofFormats = ['header', 'delimiter', 'decimal', 'array'];

/** Members of a request that stand beside the normalizer. */
const beside = [
  'normalizers',
  'statistics',
  'include',
  'output_dtype',
  'sample_weight',
  'groups',
  'labels',
  'task',
  'folds',
  'fitted',
  'missing_columns',
  'extra_columns',
  'description',
  'tags',
  'breaking',
  'dry_run',
  'profile',
  'base',
  'if_version',
  'alpha',
  ...ofFormats,
];

/** Members that are lists even with a single value. */
const lists = ['columns', 'include', 'sample_weight', 'groups', 'labels', 'folds'];

/** Lists of one value per sample, or the name of the column that holds them. */
const perSample = ['sample_weight', 'groups', 'labels', 'folds'];

/** Members that are text, whatever it looks like. */
const texts = [...ofFormats, 'description'];

type Query = Record<string, string | string[]>;

/**
 * The members of a request from its query: `?method=minmax&axis=0&feature_range=0,1`. All other parameters are options
 * of the normalizer.
 * @throws Problem invalid_request for a duplicate parameter
 */
export function membersFromQuery(query: Query): Record<string, unknown> {
  // Without prototypes, so that __proto__ in a query is an unknown member like any other.
  const envelope: Record<string, unknown> = Object.create(null);
  const normalizer: Record<string, unknown> = Object.create(null);
  for (const [name, text] of Object.entries(query)) {
    if (Array.isArray(text)) throw problemAt('invalid_request', `/${name}`, `The query names ${name} twice.`);
    // Without a method, columns are those of the data.
    const isBeside = beside.includes(name) || (name === 'columns' && !('method' in query));
    const target = isBeside ? envelope : normalizer;
    target[name] = texts.includes(name) ? text : valueOf(name, text);
  }
  if (Object.keys(normalizer).length > 0) {
    if (!('method' in normalizer)) {
      const [name] = Object.keys(normalizer);
      throw problemAt('invalid_request', `/${name}`, describeOrphan(name));
    }
    envelope.normalizer = normalizer;
  }
  return envelope;
}

/** What to say of a member that would be an option, where no method is named. */
function describeOrphan(name: string): string {
  const nearest = nearestName(name, ['method', ...beside]);
  const guess = nearest === undefined ? '' : `; did you mean ${quoteName(nearest)}?`;
  const names = methods.map((method) => method.name).join(', ');
  return `The query has no member ${quoteName(name)}${guess || '.'} An option goes with method=, which is one of ${names}.`;
}

/** `0,1` is a list, `null`, `true` and numbers are what they look like, in Python's spelling, too; `{…}` and `[…]` are JSON, the rest is text. */
function valueOf(name: string, text: string): unknown {
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      throw problemAt('invalid_request', `/${name}`, `The value of ${name} in the query is not valid JSON.`);
    }
  }
  // A tuple as Python writes it: `(0, 1)`, `(0,)`.
  const [, inside] = /^\((.*)\)$/.exec(text) ?? [];
  if (inside !== undefined)
    return inside
      .replace(/,\s*$/, '')
      .split(/\s*,\s*/)
      .map(scalarOf);
  const parts = text.split(',').map(name === 'columns' ? columnOf : scalarOf);
  if (perSample.includes(name) && parts.length === 1 && typeof parts[0] === 'string') return parts[0];
  return parts.length > 1 || lists.includes(name) ? parts : parts[0];
}

/** An index where it is one as JavaScript writes it, else a name: 01 is no index. */
function columnOf(text: string): string | number {
  return String(Math.trunc(Number(text))) === text ? Number(text) : text;
}

/** What JSON and Python call these. */
const words: Readonly<Record<string, boolean | null>> = Object.assign(Object.create(null), {
  null: null,
  None: null,
  true: true,
  True: true,
  false: false,
  False: false,
});

function scalarOf(text: string): unknown {
  if (text in words) return words[text];
  return /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text;
}
