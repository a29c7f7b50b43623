import { nameColumns, outputColumns, outputNames, outputShape } from '#normalizers/composition/output-columns.ts';
import { defaultOutput } from '#tensor/dtype.ts';
import { type AnswerFormat, writerOf } from '#formats/formats.ts';
import type { AnswerHeader, TableAnswerHeader } from '#formats/writer.ts';
import type { TableLayout } from '#formats/table-source.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import type { Runner } from '#pool/task.ts';
import type { Call } from './plan-call.ts';
import { runCall, runTableCall } from './run-call.ts';
import { runCallInline } from './run-inline.ts';

/** What is known about an answer before the call runs. */
export function describeAnswer(call: Call, { source, form, columns, table }: TensorInput): AnswerHeader {
  const { dtype, shape } = source;
  return {
    input: { dtype, shape },
    outputDtype: call.outputDtype ?? defaultOutput(dtype),
    outputShape: outputShape(call, shape),
    form,
    columns: columns && { ...columns, names: outputNames(call, columns.names) },
    table: table && withOutputColumns(call, table),
    hasData: returnsData(call),
    describesInput: call.operation === 'describe',
  };
}

/** Some methods give other columns than they take: these stand where the first of the taken ones was. */
function withOutputColumns(call: Call, table: TableLayout): TableLayout {
  const asked = call.fitted?.normalizer ?? call.normalizer;
  const isInverse = call.operation === 'inverse-transform';
  const outputs = asked && !isInverse ? outputColumns(asked, table.names.length) : undefined;
  if (!table.answer || !outputs) return table;
  const answered = table.answer.columns;
  const firstOf = (all: readonly number[]) =>
    answered.find(({ from, at }) => from === 'numbers' && all.includes(at))?.at;
  const places = outputs.map(({ at, from }) => (from ? firstOf(from) : at));
  const names = nameColumns(outputs, table.names);
  const columns = answered.flatMap((column): AnswerColumn[] => {
    if (column.from === 'carried') return [column];
    return outputs.flatMap(({ name }, at) =>
      places[at] === column.at ? [{ name: name === undefined ? column.name : names[at], from: 'numbers', at }] : [],
    );
  });
  return { ...table, names, answer: { ...table.answer, columns } };
}

/** Whether the answer contains the transformed data. */
export function returnsData({ include, operation }: Call): boolean {
  return include.includes('data') && operation !== 'fit' && operation !== 'describe';
}

/**
 * Runs a call and streams its answer. An error thrown before the first piece can still become an error response.
 * @param limit bytes of data that may be held in memory
 * @throws Problem
 */
export function answerCall(
  call: Call,
  input: TensorInput,
  format: AnswerFormat,
  run: Runner,
  limit: number,
): AsyncGenerator<Uint8Array, unknown> {
  const writer = writerOf(format);
  const answer = describeAnswer(call, input);
  if (writer.writeRows && isTableAnswer(answer) && writer.needsRows?.(answer) !== false) {
    return writer.writeRows(answer, runTableCall(call, input, run, limit), run);
  }
  const output = runCall(withStatisticsFor(call, format), input, writer.encoding(answer), run, limit);
  return writer.write(answer, output, run);
}

/** The whole answer of a small call, computed synchronously in this thread; JSON as text. */
export function answerCallInline(
  call: Call,
  input: TensorInput,
  format: AnswerFormat,
): Uint8Array | string | undefined {
  const writer = writerOf(format);
  if (!writer.writeInline) return undefined;
  const answer = describeAnswer(call, input);
  if (writer.writeRows && isTableAnswer(answer)) return undefined;
  const { pieces, summary } = runCallInline(call, input, writer.encoding(answer));
  return writer.writeInline(answer, pieces, summary);
}

function isTableAnswer(answer: AnswerHeader): answer is TableAnswerHeader {
  return answer.table?.answer !== undefined;
}

function withStatisticsFor(call: Call, format: AnswerFormat): Call {
  const { statistics } = writerOf(format);
  return statistics ? { ...call, statistics: statistics(call.statistics) } : call;
}
