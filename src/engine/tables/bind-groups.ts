import { problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import {
  findGroups,
  type GroupIndex,
  type GroupKey,
  type Groups,
  groupId,
  groupingsOf,
  indexGroups,
} from '#normalizers/composition/groups.ts';
import { compositionOf } from '#normalizers/composition/parts.ts';
import { createTextReader, isJsonText } from '#tables/carried-text.ts';
import type { TableColumn } from '#tables/schema.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import type { Call } from '#engine/plan-call.ts';

/** The labels of the samples, by the column that names them; '' of those beside the data. */
export type GroupLabels = Readonly<Record<string, readonly (GroupKey | null)[]>>;

/** A call that knows the group of each sample, as far as its normalizer asks for it. */
export function bindGroups(call: Call, labels: GroupLabels): Call {
  const { fitted, normalizer } = call;
  const asked = fitted?.normalizer ?? normalizer;
  const groupings = asked ? groupingsOf(asked) : [];
  if (labels[''] && !groupings.some(({ by }) => by === undefined))
    throw problemAt('invalid_request', '/groups', 'Only a normalizer that is grouped, without by, takes groups.');
  const groups: Record<string, GroupIndex> = {};
  groupings.forEach((grouping, at) => {
    const own = labels[grouping.by ?? ''];
    if (!own) return;
    const known = fitted && groupsIn(fitted)[at];
    groups[groupId(grouping)] = known ? findGroups(own, known, grouping) : indexGroups(own);
  });
  return groupings.length > 0 ? { ...call, fitted: fitted && withoutKeys(fitted), groups } : call;
}

/** The groups of a fitted normalizer, in the order of its groupings. */
function groupsIn({ groups, parts = [], normalizer }: Fitted): Groups[] {
  const inner = compositionOf(normalizer)?.kind === 'groups' ? parts.slice(0, 1) : parts;
  return [...(groups ? [groups] : []), ...inner.flatMap((part) => (part ? groupsIn(part) : []))];
}

/** Once the groups of the samples are known, threads need not have what they are called. */
function withoutKeys(fitted: Fitted): Fitted {
  if (!fitted.parts) return fitted;
  const parts = fitted.parts.map((part) => part && withoutKeys(part));
  return fitted.groups ? { ...fitted, parts, groups: { keys: [], rows: new Float64Array(0) } } : { ...fitted, parts };
}

/** The labels that a column of a table holds. */
export function labelsFromColumn(column: CarriedColumn | undefined, { kind }: TableColumn): (GroupKey | null)[] {
  if (!column) return [];
  const textAt = createTextReader(column);
  const isJson = isJsonText(column);
  return Array.from({ length: column.length }, (_, row) => {
    const text = textAt(row);
    if (text === null || text.trim() === '') return null;
    if (isJson) return keyOf(JSON.parse(text));
    if (kind === 'number') return Number(text);
    return kind === 'boolean' ? text.toLowerCase() === 'true' : text;
  });
}

/** A cell of JSON as a label: what is no text, number or boolean goes by its text. */
function keyOf(cell: unknown): GroupKey | null {
  if (cell === null || typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean') return cell;
  return JSON.stringify(cell);
}
