import { Problem } from '#errors.ts';
import { joinFits } from '#normalizers/fit.ts';
import type { BlockPlan } from '#tensor/blocks.ts';
import { describing } from '#statistics/describe.ts';
import type { Reduction } from '#statistics/reduction.ts';
import { itemSize } from '#tensor/dtype.ts';
import { free } from '#tensor/free.ts';
import { elements, isOpen } from '#tensor/shape.ts';
import type { Block, Source } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { Encoding } from '#wire/encode.ts';
import type { Columns } from '#wire/columns.ts';
import type { Form } from '#wire/locate.ts';
import { type BlockPass, fittingLook, rangeLook, transforming } from './apply.ts';
import { batchSize, workOn } from './batches.ts';
import type { BlockHeader, BlockResult } from './block.ts';
import { warningsOf } from './cautions.ts';
import { closed, counted } from './open.ts';
import { noteProcessed } from './processed.ts';
import { inputsAgain, outputsAgain } from './revisit.ts';
import { type Seen, toFitted } from './seen.ts';
import { describeSide, type Side } from './side.ts';
import type { Tail } from './tail.ts';
import type { Runner } from './tasks.ts';
import { together, watchFor } from './watch.ts';
import { type Call, type Normalization, planWork } from './work.ts';

/** The data of a call as they come. */
export interface Input {
  source: Source;
  form: Form;
  /** The columns of a table, for an answer that names them again. */
  columns?: Columns;
  /** Whether the data are in memory anyway, so that looking at them again costs no more of it. */
  inMemory: boolean;
}

/** Values that one call learns at most: 256 MiB. */
const mostLearned = 2 ** 25;

type Output = AsyncGenerator<Uint8Array<ArrayBuffer>, void>;

/**
 * Carries out a call: one pass over the blocks where one is enough, two where fitting needs all of them first. Gives the
 * encoded output in order while it comes, and returns the rest of the answer.
 * @param limit bytes of data that may be held in memory
 * @throws Problem, before the first output wherever the data are looked at twice
 */
export async function* carryOut(
  call: Call,
  input: Input,
  encoding: Encoding['as'],
  run: Runner,
  limit: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, Tail> {
  const { source, form, inMemory } = await counted(call, input, limit);
  const header: BlockHeader = { dtype: source.dtype, shape: source.shape, bigEndian: source.bigEndian, form };
  const work = planWork(call, header, inMemory);
  if (!isOpen(header.shape)) noteProcessed(call, header);
  const { normalization, twice } = work;
  const output: BlockHeader = { ...header, dtype: work.outputDtype, bigEndian: false };
  const inputSide = call.statistics && !call.described ? describeSide(call.statistics, header, run) : undefined;
  const outputSide = call.statistics && work.applies ? describeSide(call.statistics, output, run) : undefined;
  const revisits = inputSide?.revisits === true || outputSide?.revisits === true;
  const keepsToTheEnd = work.revisitsInput || inputSide?.holds === true || revisits;
  const keepsInput = work.holdsInput || keepsToTheEnd;
  const keepsOutput = work.countsLost || outputSide?.holds === true;
  if (!inMemory) checkBlock(header, work.plan, limit);
  checkHeld(header, keepsInput && !inMemory, output, keepsOutput, limit);
  const keepsFit = call.include.includes('fitted') || twice;
  checkLearned(keepsFit ? normalization : undefined, [inputSide, outputSide]);

  const seen: Seen = {
    inputs: { header, blocks: [] },
    outputs: { header: output, blocks: [] },
    fit: normalization?.constants,
    input: call.described,
  };
  const fitting = normalization && work.foldsFit ? watchFor(fittingLook(normalization), run) : undefined;
  const ranging =
    normalization && work.looksForRange ? rangeLook(normalization, call).map((look) => watchFor(look, run)) : [];
  const watch = together([inputSide, ...ranging, fitting].filter((one) => one !== undefined));
  const outputs = {
    looks: outputSide?.looks ?? [],
    encoding: { as: encoding, keepRaw: keepsOutput },
    ...{ dtype: work.outputDtype, keepsFit },
  };
  const apply = normalization && work.applies ? transforming(call, normalization, outputs) : undefined;
  // Text is larger than its numbers, and takes longer to write than the way to a thread.
  const size = encoding === 'none' || encoding === 'bytes' ? batchSize(work.plan, header, output, run.width) : 1;
  let goneBy = 0;

  let parameters = normalization?.constants?.parameters ?? call.fitted?.parameters;
  const firstPass = (block: Block): BlockPass => ({
    looks: watch.looks,
    apply: twice ? undefined : apply?.(block, parameters),
  });
  yield* pass(source.blocks(work.plan), firstPass, keepsInput);
  if (fitting && normalization) await learnFrom(normalization);
  if (twice) {
    parameters = seen.fit?.parameters;
    const secondPass = (block: Block): BlockPass => ({ looks: [], apply: apply?.(block, parameters) });
    yield* pass(seen.inputs.blocks.splice(0), secondPass, keepsToTheEnd);
  }
  return finish({ ...header, shape: closed(header.shape, goneBy) });

  /** Works on blocks, gives their output as it comes, and keeps what is needed once more. */
  async function* pass(
    blocks: AsyncIterable<Block> | Iterable<Block>,
    of: (block: Block) => BlockPass,
    keeps: boolean,
  ): Output {
    const fits: NonNullable<BlockResult['fit']>[] = [];
    for await (const { block, result } of workOn(blocks, { header, size, run }, of)) {
      goneBy += block.count;
      if (result.states.length > 0) await watch.add(result.states);
      if (result.outputStates.length > 0) await outputSide?.add(result.outputStates);
      if (keeps) seen.inputs.blocks.push({ ...block, buffer: result.buffer });
      else if (!inMemory) free(result.buffer);
      const { offset, count } = block;
      if (result.raw) seen.outputs.blocks.push({ offset, count, buffer: result.raw });
      if (result.fit) fits.push(result.fit);
      if (result.encoded) yield result.encoded;
    }
    if (fits.length > 0) seen.fit = joinFits(fits);
  }

  async function learnFrom({ normalizer, layout, method, scope }: Normalization): Promise<void> {
    const states = (await fitting?.result()) ?? [];
    const held = method.wholeSlices ? seen.inputs : undefined;
    const merges = (call.merges ?? true) && call.include.includes('fitted');
    const sketches = merges && method.mergeable && scope === 'dataset';
    const { fit, blocks } = await run({ kind: 'learn', normalizer, layout, states, held, sketches });
    seen.fit = fit;
    if (blocks) seen.inputs.blocks = blocks;
  }

  /** @param whole the header, its samples counted */
  async function finish(whole: TensorHeader): Promise<Tail> {
    const wasOpen = isOpen(header.shape);
    const { normalization } = wasOpen ? planWork(call, whole, inMemory) : work;
    if (wasOpen) noteProcessed(call, whole);
    for (const range of ranging)
      seen.outside = (await range.result())?.[0].values.reduce((sum, count) => sum + count, 0);
    if (inputSide) seen.input = await inputSide.finish(seen.inputs, inputsAgain(seen.inputs, run));
    if (outputSide && apply) {
      const revisit = outputsAgain(seen.inputs, run, (block) => apply(block, parameters));
      seen.output = await outputSide.finish(seen.outputs, revisit);
    }
    const tail: Tail = {};
    if (call.include.includes('fitted') && normalization && seen.fit)
      tail.fitted = toFitted(normalization, whole, normalization.constants ?? seen.fit);
    if (call.include.includes('statistics') && call.statistics)
      tail.statistics = { input: seen.input, output: seen.output };
    if (work.warns && normalization) tail.warnings = await warningsOf(work, normalization, seen, run);
    if (!inMemory) for (const { buffer } of [...seen.inputs.blocks, ...seen.outputs.blocks]) free(buffer);
    return tail;
  }
}

/** @throws Problem body_too_large when what is learned, with millions of slices, is more than the data */
function checkLearned(normalization: Normalization | undefined, sides: readonly (Side | undefined)[]): void {
  let values = sides.reduce((sum, side) => sum + (side ? side.slices * fieldsOf(describing) : 0), 0);
  if (normalization) {
    const { method, normalizer, layout } = normalization;
    values += (fieldsOf(method.reductions(normalizer)) + Object.keys(method.parameters).length) * layout.slices;
  }
  if (values <= mostLearned) return;
  throw new Problem(
    'body_too_large',
    `There are ${values} values to be learned, in so many slices; at most ${mostLearned} are. Another axis, or fewer columns at once, has fewer.`,
  );
}

function fieldsOf(reductions: readonly Reduction[]): number {
  return reductions.reduce((sum, { fields }) => sum + fields.length, 0);
}

/** @throws Problem body_too_large, before anything is read, when what must be held is over the limit */
function checkHeld(
  input: TensorHeader,
  keepsInput: boolean,
  output: TensorHeader,
  keepsOutput: boolean,
  limit: number,
): void {
  const bytes = ({ dtype, shape }: TensorHeader) => elements(shape) * itemSize(dtype);
  const held = (keepsInput ? bytes(input) : 0) + (keepsOutput ? bytes(output) : 0);
  if (held <= limit) return;
  throw new Problem(
    'body_too_large',
    `This call needs all of the data at once: ${held} bytes, and one request may hold ${limit} (NORMA_BODY_LIMIT).`,
  );
}

/** @throws Problem body_too_large when even one block is over the limit: columns are picked from whole rows */
function checkBlock({ dtype, shape }: TensorHeader, plan: BlockPlan, limit: number): void {
  const bytes = Math.min(plan.length, elements(shape)) * itemSize(dtype);
  if (bytes > limit) {
    throw new Problem(
      'body_too_large',
      `One row is ${bytes} bytes, and one request may hold ${limit} (NORMA_BODY_LIMIT).`,
    );
  }
}
