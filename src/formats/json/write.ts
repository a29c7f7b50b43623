import type { FloatDtype } from '#tensor/dtype.ts';
import { hasUnknownLength } from '#tensor/shape.ts';
import { base64Text, emptyListsText } from './format-tensor.ts';
import type { Encoding } from '#formats/encode-block.ts';
import type { TensorForm } from '#formats/locate-value.ts';
import { timeEncoding } from '#pool/task-timing.ts';
import { concatBytes } from '#memory/concat.ts';
import { summaryTask, summaryToJson } from '#formats/summary.task.ts';
import { rowEncoding, tableMember } from './table/table-member.ts';
import type { DataMember } from './data-member.ts';
import { asciiText } from './ascii-text.ts';
import type { AnswerHeader, AnswerWriter } from '#formats/writer.ts';

const utf8 = new TextEncoder();

/** Up to this many bytes of data, an answer is passed between threads as text; more would be copied too often. */
const maxTextBytes = 2 ** 14;

/** The whole answer: `data` in the form of the request, then `fitted`, `statistics` and `warnings`. */
export const jsonWriter: AnswerWriter = {
  holds: ['data', 'fitted', 'statistics'],
  writesTable: (form) => form !== 'file',
  encoding(answer) {
    if (!answer.hasData) return 'none';
    return answer.table?.answer ? rowEncoding(answer.table, answer.table.answer) : encodingOf(answer.form);
  },
  async *write(answer, output, run) {
    const data = answer.hasData ? dataMember(answer) : null;
    let step = await output.next();
    if (data) yield utf8.encode(data.opening);
    for (; !step.done; step = await output.next()) {
      const piece = data ? data.text(step.value) : step.value;
      yield toBytes(piece);
    }
    yield utf8.encode(closing(data, await run(summaryTask, { summary: step.value, flat: answer.describesInput })));
  },
  writeInline(answer, pieces, summary) {
    const data = answer.hasData ? dataMember(answer) : null;
    const rest = timeEncoding(() => summaryToJson(summary, answer.describesInput));
    const written = pieces.map((piece) => (data ? data.text(piece) : piece));
    const all = [data?.opening ?? '', ...written, closing(data, rest)];
    return pieces.some(({ length }) => length > maxTextBytes)
      ? concatBytes(all.map(toBytes))
      : all.map(answer.table ? utf8Text : toText).join('');
  },
};

function encodingOf(form: TensorForm): Encoding['as'] {
  if (form === 'flat') return 'flat';
  return form === 'base64' ? 'bytes' : 'nested';
}

function toBytes(piece: Uint8Array | string): Uint8Array {
  return typeof piece === 'string' ? utf8.encode(piece) : piece;
}

function toText(piece: Uint8Array | string): string {
  return typeof piece === 'string' ? piece : asciiText(piece);
}

/** What is carried may have any letters. */
function utf8Text(piece: Uint8Array | string): string {
  return typeof piece === 'string' ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('utf8');
}

function closing(data: DataMember | null, rest: string): string {
  return data ? `${data.closing()}${rest && `,${rest}`}}` : `{${rest}}`;
}

/** The member `data` in the form that came, nested lists for a binary body. */
function dataMember({ outputShape: shape, outputDtype, form, table }: AnswerHeader): DataMember {
  if (table?.answer) return tableMember(table, table.answer);
  if (form === 'flat')
    return { opening: `${opening(outputDtype, shape)},"data":[`, text: (piece) => piece, closing: () => ']}' };
  if (form === 'base64') {
    const encode = base64Text();
    return {
      opening: `${opening(outputDtype, shape)},"base64":"`,
      text: (piece) => encode(piece, false),
      closing: () => `${encode(new Uint8Array(0), true)}"}`,
    };
  }
  const end = () => {
    if (hasUnknownLength(shape)) return ']';
    return shape.includes(0) ? emptyListsText(shape) : '';
  };
  return { opening: '{"data":', text: (piece) => piece, closing: end };
}

function opening(dtype: FloatDtype, shape: readonly number[]): string {
  return `{"data":{"dtype":"${dtype}","shape":${JSON.stringify(shape)}`;
}
