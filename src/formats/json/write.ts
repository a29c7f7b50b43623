import { defaultOutput } from '#tensor/dtype.ts';
import { hasUnknownLength } from '#tensor/shape.ts';
import { base64Text, emptyListsText } from './format-tensor.ts';
import type { Encoding } from '#formats/encode-block.ts';
import { runCall, type TensorInput } from '#engine/run-call.ts';
import { timeEncoding } from '#pool/encode-clock.ts';
import { concatBytes } from '#memory/concat.ts';
import { runCallInline } from '#engine/run-inline.ts';
import { summaryToJson, type AnswerSummary, type SummaryTask } from '#formats/summary.ts';
import type { Call } from '#engine/plan-call.ts';
import { asciiText } from './ascii-text.ts';
import { type AnswerWriter, returnsData } from '#formats/writer.ts';

const utf8 = new TextEncoder();

/** Bytes of data up to which an answer is handed over as text; more would be copied too often. */
const maxTextBytes = 2 ** 14;

/** All of the answer: `data` in the form that came, then `fitted`, `statistics` and `warnings`. */
export const jsonAnswer: AnswerWriter = {
  holds: ['data', 'fitted', 'statistics'],
  async *write(call, input, run, limit) {
    const data = returnsData(call) ? dataMember(call, input) : null;
    const pieces = runCall(call, input, data?.encoding ?? 'none', run, limit);
    let step = await pieces.next();
    if (data) yield utf8.encode(data.opening);
    for (; !step.done; step = await pieces.next()) {
      const piece = data ? data.text(step.value) : step.value;
      yield bytesOf(piece);
    }
    yield utf8.encode(endOf(data, await run(tailTask(call, step.value))));
  },
  atOnce(call, input) {
    const data = returnsData(call) ? dataMember(call, input) : null;
    const { pieces, tail } = runCallInline(call, input, data?.encoding ?? 'none');
    const rest = timeEncoding(() => summaryToJson(tailTask(call, tail)));
    const written = pieces.map((piece) => (data ? data.text(piece) : piece));
    const all = [data?.opening ?? '', ...written, endOf(data, rest)];
    return pieces.some(({ length }) => length > maxTextBytes)
      ? concatBytes(all.map(bytesOf))
      : all.map(textOf).join('');
  },
};

function bytesOf(piece: Uint8Array | string): Uint8Array {
  return typeof piece === 'string' ? utf8.encode(piece) : piece;
}

function textOf(piece: Uint8Array | string): string {
  return typeof piece === 'string' ? piece : asciiText(piece);
}

/** How `data` is written, from its name on. */
interface DataMember {
  encoding: Encoding['as'];
  opening: string;
  text(piece: Uint8Array<ArrayBuffer>): Uint8Array | string;
  closing(): string;
}

/** `/v1/describe` has the statistics of its data at the top. */
function tailTask({ operation }: Call, tail: AnswerSummary): SummaryTask {
  return { kind: 'tail', tail, flat: operation === 'describe' };
}

function endOf(data: DataMember | null, rest: string): string {
  return data ? `${data.closing()}${rest && `,${rest}`}}` : `{${rest}}`;
}

/** The member `data` in the form that came, nested lists for a binary body. */
function dataMember(call: Call, { source, form }: TensorInput): DataMember {
  const dtype = call.outputDtype ?? defaultOutput(source.dtype);
  const header = `{"data":{"dtype":"${dtype}","shape":${JSON.stringify(source.shape)}`;
  if (form === 'flat') {
    return { encoding: 'flat', opening: `${header},"data":[`, text: (piece) => piece, closing: () => ']}' };
  }
  if (form === 'base64') {
    const encode = base64Text();
    return {
      encoding: 'bytes',
      opening: `${header},"base64":"`,
      text: (piece) => encode(piece, false),
      closing: () => `${encode(new Uint8Array(0), true)}"}`,
    };
  }
  const closing = () => {
    if (hasUnknownLength(source.shape)) return ']';
    return source.shape.includes(0) ? emptyListsText(source.shape) : '';
  };
  return { encoding: 'nested', opening: '{"data":', text: (piece) => piece, closing };
}
