import { defaultOutput } from '#tensor/dtype.ts';
import { isOpen } from '#tensor/shape.ts';
import { base64Text, emptyListsText } from './format-tensor.ts';
import type { Encoding } from '#formats/encode-block.ts';
import { carryOut, type Input } from '#engine/run-call.ts';
import { encoding } from '#pool/encode-clock.ts';
import { joined } from '#memory/concat.ts';
import { outputHere } from '#engine/run-inline.ts';
import { runTail, type Tail, type TailTask } from '#formats/summary.ts';
import type { Call } from '#engine/plan-call.ts';
import { asciiText } from './ascii-text.ts';
import { type AnswerWriter, returnsData } from '#formats/writer.ts';

const utf8 = new TextEncoder();

/** Bytes of data up to which an answer is handed over as text; more would be copied too often. */
const mostText = 2 ** 14;

/** All of the answer: `data` in the form that came, then `fitted`, `statistics` and `warnings`. */
export const jsonAnswer: AnswerWriter = {
  holds: ['data', 'fitted', 'statistics'],
  async *write(call, input, run, limit) {
    const data = returnsData(call) ? dataMember(call, input) : null;
    const pieces = carryOut(call, input, data?.encoding ?? 'none', run, limit);
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
    const { pieces, tail } = outputHere(call, input, data?.encoding ?? 'none');
    const rest = encoding(() => runTail(tailTask(call, tail)));
    const written = pieces.map((piece) => (data ? data.text(piece) : piece));
    const all = [data?.opening ?? '', ...written, endOf(data, rest)];
    return pieces.some(({ length }) => length > mostText) ? joined(all.map(bytesOf)) : all.map(textOf).join('');
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
function tailTask({ operation }: Call, tail: Tail): TailTask {
  return { kind: 'tail', tail, flat: operation === 'describe' };
}

function endOf(data: DataMember | null, rest: string): string {
  return data ? `${data.closing()}${rest && `,${rest}`}}` : `{${rest}}`;
}

/** The member `data` in the form that came, nested lists for a binary body. */
function dataMember(call: Call, { source, form }: Input): DataMember {
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
    if (isOpen(source.shape)) return ']';
    return source.shape.includes(0) ? emptyListsText(source.shape) : '';
  };
  return { encoding: 'nested', opening: '{"data":', text: (piece) => piece, closing };
}
