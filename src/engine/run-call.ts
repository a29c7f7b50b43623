import { type Fit, joinFits } from '#normalizers/fit.ts';
import type { Parameters } from '#normalizers/method.ts';
import { free } from '#memory/free.ts';
import { isOpen } from '#tensor/shape.ts';
import type { Block, Source } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { Encoding } from '#formats/encode-block.ts';
import type { Columns } from '#formats/table-columns.ts';
import type { Form } from '#formats/locate-value.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import { type BlockPass, fittingLook, rangeLook, transforming } from './block-passes.ts';
import { batchSize } from './block-batches.ts';
import type { BlockHeader } from './run-block.ts';
import { checkBlock, checkHeld, checkLearned } from './memory-checks.ts';
import { ask, carriedBy, type Carrying, lookAt, type Pass } from './effects.ts';
import { warningsOf } from './collect-warnings.ts';
import { closed, counted } from './unsized-source.ts';
import { noteProcessed } from './processed.ts';
import type { Fold } from './fold.ts';
import type { Held } from './buffered-tensor.ts';
import { inputsAgain, outputsAgain, type Revisit } from './rescan.ts';
import { type Seen, toFitted } from './observations.ts';
import { describeSide, type Side } from './side-statistics.ts';
import type { Tail } from '#formats/summary.ts';
import type { Runner } from '#worker/tasks.ts';
import { addTo, inTurn, merged, type Watch, watchFor } from './watch.ts';
import { type Call, type Normalization, planWork, type Work } from './plan-call.ts';

/** The data of a call as they come. */
export interface Input {
  source: Source;
  form: Form;
  /** The columns of a table, for an answer that names them again. */
  columns?: Columns;
  /** Whether the data are in memory anyway, so that looking at them again costs no more of it. */
  inMemory: boolean;
}

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
  return yield* carriedBy(
    run,
    carrying(call, await counted(call, input, limit), encoding, { limit, width: run.width }),
  );
}

/** What a call has for itself: bytes of data that may be held in memory, and tasks that are under way at once. */
interface Room {
  limit: number;
  width: number;
}

/** A call on its way. */
interface Course {
  call: Call;
  work: Work;
  header: BlockHeader;
  inMemory: boolean;
  giveBack: NonNullable<Source['giveBack']>;
  seen: Seen;
  inputSide?: Side;
  outputSide?: Side;
  fitting?: Watch;
  ranging?: Watch;
  /** What the input's blocks are looked at for, and what that adds to. */
  looks: Watch['looks'];
  folds: Fold[];
  apply?: ReturnType<typeof transforming>;
  /** What blocks are transformed with, unless each is fitted by itself. */
  parameters?: Parameters;
  /** Blocks of a task, where tasks go to a pool. */
  size: number;
  /** Whether the input is needed once more, and whether that is when all has been transformed. */
  keepsInput: boolean;
  keepsToTheEnd: boolean;
  /** Elements that have gone by. */
  goneBy: number;
}

/**
 * The same for whoever decides where it is done; all that it needs to count has been counted. Its parts are no closures:
 * V8 makes a hidden class for each generator function that is made and called, and a small call costs less than that.
 */
export function* carrying(call: Call, input: Input, encoding: Encoding['as'], room: Room): Carrying<Tail> {
  const { source } = input;
  const course = begin(call, input, encoding, room);
  const { header, work, seen, fitting, apply, looks, folds } = course;
  const { normalization, twice } = work;
  const firstPass = (block: Block): BlockPass => ({
    looks,
    apply: twice ? undefined : apply?.(block, course.parameters),
  });
  yield* pass(course, source.blocks(work.plan), firstPass, course.keepsInput);
  yield* merged(folds);
  if (fitting && normalization) yield* learnFrom(course, fitting, normalization);
  if (twice) {
    course.parameters = seen.fit?.parameters;
    const secondPass = (block: Block): BlockPass => ({ looks: [], apply: apply?.(block, course.parameters) });
    yield* pass(course, seen.inputs.blocks.splice(0), secondPass, course.keepsToTheEnd);
  }
  return yield* finish(course, { ...header, shape: closed(header.shape, course.goneBy) });
}

function begin(
  call: Call,
  { source, form, inMemory }: Input,
  encoding: Encoding['as'],
  { limit, width }: Room,
): Course {
  const header: BlockHeader = { dtype: source.dtype, shape: source.shape, bigEndian: source.bigEndian, form };
  const work = planWork(call, header, inMemory);
  if (!isOpen(header.shape)) noteProcessed(call, header);
  const { normalization, twice } = work;
  const output: BlockHeader = { ...header, dtype: work.outputDtype, bigEndian: false };
  const inputSide = call.statistics && !call.described ? describeSide(call.statistics, header) : undefined;
  const outputSide = call.statistics && work.applies ? describeSide(call.statistics, output) : undefined;
  const revisits = inputSide?.revisits === true || outputSide?.revisits === true;
  const keepsToTheEnd = work.revisitsInput || inputSide?.holds === true || revisits;
  const keepsInput = work.holdsInput || keepsToTheEnd;
  const keepsOutput = work.countsLost || outputSide?.holds === true;
  if (!inMemory) checkBlock(header, work.plan, limit);
  checkHeld(header, keepsInput && !inMemory, output, keepsOutput, limit);
  const keepsFit = call.include.includes('fitted') || twice;
  checkLearned(keepsFit ? normalization : undefined, [inputSide, outputSide]);

  const range = normalization && work.looksForRange ? rangeLook(normalization, call) : undefined;
  const ranging = range && watchFor(range);
  const fitting = normalization && work.foldsFit ? watchFor(fittingLook(normalization)) : undefined;
  const watches = [inputSide, ranging, fitting].filter((one) => one !== undefined);
  const outputs = {
    looks: outputSide?.looks ?? [],
    encoding: { as: encoding, keepRaw: keepsOutput },
    ...{ dtype: work.outputDtype, keepsFit },
  };
  // Text is larger than its numbers, and takes longer to write than the way to a thread.
  const inBatches = encoding === 'none' || encoding === 'bytes';
  return {
    giveBack: source.giveBack ?? free,
    ...{ call, work, header, inMemory, inputSide, outputSide, fitting, ranging, keepsInput, keepsToTheEnd },
    size: inBatches ? batchSize(work.plan, header, work.applies ? output : undefined, width) : 1,
    seen: {
      inputs: { header, blocks: [] },
      outputs: { header: output, blocks: [] },
      fit: normalization?.constants,
      input: call.described,
    },
    looks: watches.flatMap((watch) => watch.looks),
    folds: watches.flatMap((watch) => watch.folds),
    apply: normalization && work.applies ? transforming(call, normalization, outputs) : undefined,
    parameters: normalization?.constants?.parameters ?? call.fitted?.parameters,
    goneBy: 0,
  };
}

/** Works on blocks, and keeps what is needed once more. */
function* pass(course: Course, blocks: Pass['blocks'], of: Pass['of'], keeps: boolean): Carrying<void> {
  const { header, size, seen, inMemory, folds, outputSide, giveBack } = course;
  const fits: Fit[] = [];
  yield* lookAt({
    ...{ header, blocks, size, of },
    took(block, result) {
      course.goneBy += block.count;
      if (keeps) seen.inputs.blocks.push({ ...block, buffer: result.buffer });
      else if (!inMemory) giveBack(result.buffer);
      const { offset, count } = block;
      if (result.raw) seen.outputs.blocks.push({ offset, count, buffer: result.raw });
      if (result.fit) fits.push(result.fit);
      const due = result.states.length > 0 ? addTo(folds, result.states) : undefined;
      const outputDue =
        outputSide && result.outputStates.length > 0 ? addTo(outputSide.folds, result.outputStates) : undefined;
      return due && outputDue ? inTurn([due, outputDue]) : (due ?? outputDue);
    },
  });
  if (fits.length > 0) seen.fit = joinFits(fits);
}

function* learnFrom(
  { call, seen }: Course,
  fitting: Watch,
  { normalizer, layout, method, scope }: Normalization,
): Carrying<void> {
  const states = fitting.folds[0].result() ?? [];
  const held = method.wholeSlices ? seen.inputs : undefined;
  const merges = (call.merges ?? true) && call.include.includes('fitted');
  const sketches = merges && method.mergeable && scope === 'dataset';
  const { fit, blocks } = yield* ask({ kind: 'learn', normalizer, layout, states, held, sketches });
  seen.fit = fit;
  if (blocks) seen.inputs.blocks = blocks;
}

/** @param whole the header, its samples counted */
function* finish(course: Course, whole: TensorHeader): Carrying<Tail> {
  const { call, work, header, inMemory, seen, inputSide, outputSide, ranging, apply, parameters } = course;
  const wasOpen = isOpen(header.shape);
  const { normalization } = wasOpen ? planWork(call, whole, inMemory) : work;
  if (wasOpen) noteProcessed(call, whole);
  if (ranging) seen.outside = ranging.folds[0].result()?.[0].values.reduce((sum, count) => sum + count, 0);
  if (inputSide) seen.input = yield* described(inputSide, seen.inputs, inputsAgain(seen.inputs));
  if (outputSide && apply) {
    yield* merged(outputSide.folds);
    const revisit = outputsAgain(seen.inputs, (block) => apply(block, parameters));
    seen.output = yield* described(outputSide, seen.outputs, revisit);
  }
  const tail: Tail = {};
  if (call.include.includes('fitted') && normalization && seen.fit)
    tail.fitted = toFitted(normalization, whole, normalization.constants ?? seen.fit);
  if (call.include.includes('statistics') && call.statistics)
    tail.statistics = { input: seen.input, output: seen.output };
  if (work.warns && normalization) tail.warnings = yield* warningsOf(work, normalization, seen);
  if (!inMemory) for (const { buffer } of [...seen.inputs.blocks, ...seen.outputs.blocks]) free(buffer);
  return tail;
}

function* described(side: Side, held: Held, revisit: Revisit): Carrying<StatisticsContent> {
  const content = side.content();
  if (side.holds || side.revisits) yield* side.more(content, held, revisit);
  return content;
}
