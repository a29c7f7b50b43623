import { problemAt } from '#errors.ts';
import { describeUnknown } from '#nearest-name.ts';
import { bindGroups, type GroupLabels, labelsFromColumn } from '#engine/tables/bind-groups.ts';
import { openTable, type OpenTable } from '#engine/tables/open-table.ts';
import type { Call } from '#engine/plan-call.ts';
import { type ColumnOptions, planArray, planTable } from '#engine/tables/plan-table.ts';
import { valuesFromColumn } from '#engine/tables/values-from-column.ts';
import { weightsFromColumn } from '#engine/tables/weights-from-column.ts';
import { type AnswerFormat, writerOf } from '#formats/formats.ts';
import type { Body } from '#formats/reader.ts';
import type { TableSource } from '#formats/table-source.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { ServiceContext } from '#http/context.ts';
import { type GroupKey, groupingsOf } from '#normalizers/composition/groups.ts';
import { takesWeights } from '#normalizers/composition/parts.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import { limitElements } from './element-limit.ts';
import type { ReadData } from './read-call.ts';

/** A call with the data that it works on. */
export interface BoundCall {
  call: Call;
  input: TensorInput;
  small: Body['small'];
  /** What the samples are, where columns of the table say it. */
  labels?: (string | number | null)[];
  folds?: (string | number | null)[];
}

/** Members that may name the column of a table with one value per sample. */
const perSampleMembers = ['sample_weight', 'labels', 'folds'] as const;

type PerSampleMember = (typeof perSampleMembers)[number];

/** Members beside the data that say what their columns are. */
interface ColumnMembers {
  columns?: (string | number)[];
  missing_columns?: ColumnOptions['missing'];
  extra_columns?: ColumnOptions['extra'];
  sample_weight?: unknown;
  labels?: unknown;
  folds?: unknown;
  groups?: unknown;
}

/**
 * Brings a call and its data together: of a table it decides which columns are read, which are carried along, and which
 * parameters they meet.
 * @param format what the answer is written in
 * @throws Problem for columns that are missing, unknown, doubled, or hold text
 */
export async function bindData(
  asked: Call,
  read: ReadData,
  format: AnswerFormat,
  { limit, elementLimit }: Pick<ServiceContext, 'limit' | 'elementLimit'>,
): Promise<BoundCall> {
  const { table, input, small, envelope } = read;
  const members = envelope as ColumnMembers;
  if (!table) {
    if (!input) throw problemAt('invalid_request', '/data', 'The member data is missing.');
    const [unnamed] = namedColumns(members);
    if (unnamed) throw unnamedColumn(unnamed[0]);
    const planned = planArray(asked, input.source.shape, members.columns);
    const labels: GroupLabels = members.groups === undefined ? {} : { '': labelsOf(members.groups) };
    const call = bindGroups(planned, labels);
    const notes = [...(read.warnings ?? []), ...(call.notes ?? [])];
    return { call: notes.length > 0 ? { ...call, notes } : call, input, small };
  }
  if (members.columns) {
    throw problemAt(
      'invalid_request',
      '/columns',
      'columns beside the data name those of an array; a table has names.',
    );
  }
  const call = withTableDefaults(asked, table, read.hasStatisticsAxis);
  const isTable = writerOf(format).writesTable?.(table.form) === true && call.include.includes('data');
  const named = namedColumns(members);
  const grouped = groupColumns(call, members);
  const planned = planTable(call, table.schema, isTable, {
    missing: members.missing_columns ?? 'error',
    extra: members.extra_columns ?? 'pass',
    numbersMayBeNames: read.isColumnsInQuery,
    notFeatures: [...named.map(([, column]) => column), ...Object.values(grouped)],
  });
  const isAnswered = isTable && call.operation !== 'fit' && call.operation !== 'describe';
  const lists: GroupLabels = typeof members.groups === 'object' ? { '': labelsOf(members.groups) } : {};
  if (named.length === 0 && Object.keys(grouped).length === 0) {
    const open = await openTable(table, planned.plan, { isTable: isAnswered, isWhole: false, limit });
    return bound(bindGroups(planned.call, lists), open, elementLimit);
  }
  const all = [...named, ...Object.values(grouped).map((column) => ['groups', column] as const)];
  const plan = all.reduce((plan, [member, column]) => withColumn(plan, table, member, column), planned.plan);
  const open = await openTable(table, plan, { isTable: isAnswered, isWhole: true, limit });
  const columns = new Map(named);
  const columnOf = (member: PerSampleMember) => columnNamed(columns.get(member));
  const columnNamed = (name: string | undefined) => {
    if (name === undefined) return undefined;
    const column = table.schema.findIndex((one) => one.name === name);
    return { name, field: table.schema[column], values: open.rows?.carried[plan.carried.indexOf(column)] };
  };
  const weights = columnOf('sample_weight');
  const takes = !weights || !call.normalizer || takesWeights(call.normalizer);
  if (!takes) throw problemAt('invalid_request', '/sample_weight', 'This method does not take sample_weight.');
  const weighted = weights && { ...planned.call, sampleWeight: weightsFromColumn(weights.values, weights.name) };
  const groupLabels = Object.entries(grouped).map(([by, name]) => {
    const { field, values } = columnNamed(name) ?? {};
    return [by, field ? labelsFromColumn(values, field) : []] as const;
  });
  const withGroups = bindGroups(weighted ?? planned.call, { ...lists, ...Object.fromEntries(groupLabels) });
  const [labels, folds] = [columnOf('labels'), columnOf('folds')];
  return {
    ...bound(withGroups, open, elementLimit),
    labels: labels && valuesFromColumn(labels.values, labels.field.kind === 'number'),
    folds: folds && valuesFromColumn(folds.values, folds.field.kind === 'number'),
  };
}

/** The columns that name the groups of the rows, by what the normalizer calls them; '' where the request says it. */
function groupColumns({ fitted, normalizer }: Call, { groups }: ColumnMembers): Record<string, string> {
  const asked = fitted?.normalizer ?? normalizer;
  const names = asked ? groupingsOf(asked).flatMap(({ by }) => (by === undefined ? [] : [[by, by]])) : [];
  return Object.fromEntries(typeof groups === 'string' ? [...names, ['', groups]] : names);
}

function labelsOf(groups: unknown): (GroupKey | null)[] {
  return typeof groups === 'string' ? throwUnnamed() : [...(groups as Iterable<GroupKey | null>)];
}

function throwUnnamed(): never {
  throw unnamedColumn('groups');
}

function namedColumns(members: ColumnMembers): [member: PerSampleMember, column: string][] {
  return perSampleMembers.flatMap((member): [PerSampleMember, string][] => {
    const column = members[member];
    return typeof column === 'string' ? [[member, column]] : [];
  });
}

function bound(call: Call, { input, small }: OpenTable, elementLimit: number): BoundCall {
  return { call, input: limitElements(input, elementLimit), small };
}

/** Statistics of a table are per column, and what its reader found is told. */
function withTableDefaults(call: Call, { warnings }: TableSource, hasAxis: boolean): Call {
  const { statistics } = call;
  return {
    ...call,
    statistics: statistics && !hasAxis ? { ...statistics, axis: 0 } : statistics,
    notes: [...(call.notes ?? []), ...warnings],
  };
}

/** The same plan with a column among what is carried. */
function withColumn(
  plan: ColumnPlan,
  { schema }: TableSource,
  member: PerSampleMember | 'groups',
  name: string,
): ColumnPlan {
  const column = schema.findIndex((one) => one.name === name);
  if (column < 0) {
    const names = schema.map((one) => one.name);
    throw problemAt('unknown_columns', `/${member}`, describeUnknown('column', name, names));
  }
  return plan.carried.includes(column) ? plan : { ...plan, carried: [...plan.carried, column] };
}

function unnamedColumn(member: PerSampleMember | 'groups') {
  const what = member === 'sample_weight' ? 'weights' : member;
  const detail = `${member} names a column, and the data are an array without names: give a list of ${what}.`;
  return problemAt(member === 'sample_weight' ? 'invalid_weights' : 'invalid_request', `/${member}`, detail);
}
