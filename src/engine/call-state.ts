import type { Parameters } from '#normalizers/method.ts';
import type { Block, Source } from '#tensor/source.ts';
import type { Accumulator, ScanAccumulator } from './blocks/accumulators.ts';
import type { Watch } from './blocks/watches.ts';
import type { Observations } from './observations.ts';
import type { Call, CallPlan } from './plan-call.ts';
import type { Profiling } from './monitoring/profiling.ts';
import type { BlockHeader, BlockJob } from './blocks/run-block.ts';
import type { SideStatistics } from './side-statistics.ts';
import type { Counting } from './monitoring/transform-recorder.ts';

/** A call on its way. */
export interface CallState {
  call: Call;
  plan: CallPlan;
  header: BlockHeader;
  inMemory: boolean;
  /** What the columns of a table are called. */
  names?: readonly string[];
  releaseBuffer: NonNullable<Source['releaseBuffer']>;
  observations: Observations;
  inputSide?: SideStatistics;
  outputSide?: SideStatistics;
  /** What is looked for in what each plain normalizer takes, by their places. */
  watches: Watch[][];
  profiling?: Profiling;
  counting?: Counting;
  /** What was counted so far. */
  counts?: Float64Array;
  /** What the input's blocks are looked at for, and what that adds to. */
  scans: ScanAccumulator['scans'];
  accumulators: Accumulator[];
  /** What is done with transformed blocks; absent where none are. */
  output?: NonNullable<BlockJob['output']>;
  /** The parameters of normalizers for groups, once they are known. */
  groupParameters: Map<number, Parameters>;
  /** Whether fits on single blocks are kept with their parameters. */
  keepsFit: boolean;
  /** Blocks of a task, where tasks go to a pool. */
  blocksPerTask: number;
  /** Whether the input is needed once more, and whether that is when all has been transformed. */
  retainsInput: boolean;
  retainsInputToEnd: boolean;
  /** What is carried beside the blocks that are transformed when all have gone by, by their offsets. */
  carried: Map<number, Block['carried']>;
  retainsCarried: boolean;
  yieldsRows: boolean;
  /** Elements that have gone by. */
  elementsSeen: number;
  /** Releases the memory that was reserved. */
  releaseMemory(): void;
}
