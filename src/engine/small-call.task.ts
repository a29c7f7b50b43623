import { toSource } from '#tensor/source.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { collectBytes } from '#memory/concat.ts';
import type { TensorForm } from '#formats/locate-value.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import type { TableLayout } from '#formats/table-source.ts';
import { toRowSource } from '#tables/table-blocks.ts';
import type { TableColumns } from '#formats/table-columns.ts';
import type { AnswerFormat } from '#formats/formats.ts';
import { defineTask } from '#pool/task.ts';
import { answerCall, answerCallInline } from './answer-call.ts';
import type { Call } from './plan-call.ts';
import { inlineRunner } from './run-inline.ts';

/** A call small enough for one thread. */
export interface SmallCall {
  call: Call;
  tensor: Tensor;
  bigEndian: boolean;
  carried?: readonly CarriedColumn[];
  form: TensorForm;
  columns?: TableColumns;
  table?: TableLayout;
  /** The format of the answer. */
  format: AnswerFormat;
}

/**
 * The whole answer of a small call. JSON is returned as text, which is cheaper to pass between threads than a buffer,
 * and goes to the socket in one piece with its header.
 */
export const smallCallTask = defineTask({
  name: 'small_call',
  isSmall: true,
  bytes: ({ tensor }: SmallCall) => tensor.buffer.byteLength,
  run({ call, tensor, bigEndian, carried, form, columns, table, format }: SmallCall) {
    const source = carried ? toRowSource(tensor, carried) : toSource(tensor, bigEndian);
    const input = { source, form, columns, table, inMemory: true };
    return (
      answerCallInline(call, input, format) ?? collectBytes(answerCall(call, input, format, inlineRunner, Infinity))
    );
  },
});
