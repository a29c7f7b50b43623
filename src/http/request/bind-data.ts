import { problemAt } from '#errors.ts';
import { describeUnknown } from '#nearest-name.ts';
import { openTable, type OpenTable } from '#engine/open-table.ts';
import type { Call } from '#engine/plan-call.ts';
import { type ColumnOptions, planArray, planTable } from '#engine/plan-table.ts';
import { weightsFromColumn } from '#engine/weights-from-column.ts';
import { type AnswerFormat, writerOf } from '#formats/formats.ts';
import type { Body } from '#formats/reader.ts';
import type { TableSource } from '#formats/table-source.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { ServiceContext } from '#http/context.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { limitElements } from './element-limit.ts';
import type { ReadData } from './read-call.ts';

/** A call with the data that it works on. */
export interface BoundCall {
  call: Call;
  input: TensorInput;
  small: Body['small'];
}

/** Members beside the data that say what their columns are. */
interface ColumnMembers {
  columns?: (string | number)[];
  missing_columns?: ColumnOptions['missing'];
  extra_columns?: ColumnOptions['extra'];
  sample_weight?: unknown;
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
    if (typeof members.sample_weight === 'string') throw unnamedWeights();
    const call = planArray(asked, input.source.shape, members.columns);
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
  const weights = typeof members.sample_weight === 'string' ? members.sample_weight : undefined;
  const planned = planTable(call, table.schema, isTable, {
    missing: members.missing_columns ?? 'error',
    extra: members.extra_columns ?? 'pass',
    numbersMayBeNames: read.isColumnsInQuery,
    notFeatures: weights === undefined ? [] : [weights],
  });
  const isAnswered = isTable && call.operation !== 'fit' && call.operation !== 'describe';
  if (weights === undefined) {
    const open = await openTable(table, planned.plan, { isTable: isAnswered, isWhole: false, limit });
    return bound(planned.call, open, elementLimit);
  }
  const { plan, carriedAt } = carryingWeights(planned.plan, table, weights);
  const open = await openTable(table, plan, { isTable: isAnswered, isWhole: true, limit });
  const sampleWeight = weightsFromColumn(open.rows?.carried[carriedAt], weights);
  const takes = !call.normalizer || methodOf(call.normalizer).weighted;
  if (!takes) throw problemAt('invalid_request', '/sample_weight', 'This method does not take sample_weight.');
  return bound({ ...planned.call, sampleWeight }, open, elementLimit);
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

/** The same plan with the weights among what is carried. */
function carryingWeights(plan: ReturnType<typeof planTable>['plan'], { schema }: TableSource, name: string) {
  const column = schema.findIndex((one) => one.name === name);
  if (column < 0) {
    const names = schema.map((one) => one.name);
    throw problemAt('unknown_columns', '/sample_weight', describeUnknown('column', name, names));
  }
  const at = plan.carried.indexOf(column);
  if (at >= 0) return { plan, carriedAt: at };
  return { plan: { ...plan, carried: [...plan.carried, column] }, carriedAt: plan.carried.length };
}

function unnamedWeights() {
  const detail = 'sample_weight names a column, and the data are an array without names: give a list of weights.';
  return problemAt('invalid_weights', '/sample_weight', detail);
}
