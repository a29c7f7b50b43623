import { defaultOutput } from '#tensor/dtype.ts';
import { isOpen } from '#tensor/shape.ts';
import { base64Text, nestedText } from '#wire/json-text.ts';
import { carryOut, type Input } from '../call.ts';
import type { Tail } from '../tail.ts';
import type { Call } from '../work.ts';
import { type AnswerWriter, returnsData } from './writer.ts';

const utf8 = new TextEncoder();

/** All of the answer: `data` in the form that came, then `fitted`, `statistics` and `warnings`. */
export const jsonAnswer: AnswerWriter = {
  holds: ['data', 'fitted', 'statistics'],
  async *write(call, input, run, limit) {
    const data = returnsData(call) ? dataMember(call, input) : null;
    const pieces = carryOut(call, input, data?.encoding ?? 'none', run, limit);
    let step = await pieces.next();
    if (data) yield utf8.encode(`{"data":${data.opening}`);
    for (; !step.done; step = await pieces.next()) yield data ? data.text(step.value) : step.value;
    const tail: Tail = step.value;
    const rest = await run({ kind: 'tail', tail, flat: call.operation === 'describe' });
    yield utf8.encode(data ? `${data.closing()}${rest && `,${rest}`}}` : `{${rest}}`);
  },
};

/** How the member `data` is written: in the form that came, nested lists for a binary body. */
function dataMember(call: Call, { source, form }: Input) {
  const dtype = call.outputDtype ?? defaultOutput(source.dtype);
  const header = `{"dtype":"${dtype}","shape":${JSON.stringify(source.shape)}`;
  if (form === 'flat') {
    return {
      encoding: 'flat',
      opening: `${header},"data":[`,
      text: (piece: Uint8Array) => piece,
      closing: () => ']}',
    } as const;
  }
  if (form === 'base64') {
    const encode = base64Text();
    const text = (piece: Uint8Array) => utf8.encode(encode(piece, false));
    return {
      encoding: 'bytes',
      opening: `${header},"base64":"`,
      text,
      closing: () => `${encode(new Uint8Array(0), true)}"}`,
    } as const;
  }
  const closing = () => {
    if (isOpen(source.shape)) return ']';
    return source.shape.includes(0) ? nestedText([], 0, source.shape, 0, dtype) : '';
  };
  return { encoding: 'nested', opening: '', text: (piece: Uint8Array) => piece, closing } as const;
}
