import { kernels } from '#kernels/kernels.ts';

interface CallFrame {
  functionName: string;
  url: string;
  lineNumber: number;
}

/** V8's `.cpuprofile`: the calls as a tree, and the node of each sample. Times are microseconds of a steady clock. */
export interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

/** From when to when, by that clock. */
export interface Window {
  from: number;
  to: number;
}

/** Where a function belongs, and what it is called there. */
export interface Place {
  group: string;
  name: string;
}

export const waiting = 'waiting';
export const collecting = 'garbage collection';

/** The names of the kernels by their number: that is what an exported function is called. */
const kernelNames = new Map(
  Object.entries(kernels)
    .filter(([, exported]) => typeof exported === 'function')
    .map(([name, exported]) => [(exported as () => unknown).name, name]),
);

/** Each function's own time within the window, in microseconds. */
export function selfTimes(
  { nodes, startTime, samples, timeDeltas }: CpuProfile,
  { from, to }: Window,
): { place: Place; time: number }[] {
  const times = new Map<number, number>();
  let time = startTime;
  samples.forEach((sample, at) => {
    time += timeDeltas[at];
    // A sample stands for the time until the next one.
    if (time >= from && time < to) times.set(sample, (times.get(sample) ?? 0) + (timeDeltas[at + 1] ?? 0));
  });
  return nodes
    .filter(({ id }) => times.has(id))
    .map(({ id, callFrame }) => ({ place: placeOf(callFrame), time: times.get(id) as number }));
}

function placeOf({ functionName, url, lineNumber }: CallFrame): Place {
  const name = functionName || '(anonymous)';
  // A worker without work waits by this function of the pool.
  if (name === '(idle)' || name === 'atomicsWaitLoop') return { group: waiting, name };
  if (name === '(garbage collector)') return { group: collecting, name };
  if (url.startsWith('wasm:')) {
    const [, number] = /\[(\d+)\]/.exec(name) ?? [];
    return { group: 'kernels (WebAssembly)', name: kernelNames.get(number) ?? name };
  }
  if (url === '') return { group: 'native code', name };
  if (url.startsWith('node:')) return { group: 'Node.js', name: `${name}  ${url}:${lineNumber + 1}` };
  const [, room, inRoom] = /\/src\/(?:([^/]+)\/)?(.+)$/.exec(url) ?? [];
  const [, owner, inPackage] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(url) ?? [];
  if (owner) return { group: owner, name: `${name}  ${inPackage}:${lineNumber + 1}` };
  return { group: `src/${room ?? ''}`, name: `${name}  ${inRoom ?? url}:${lineNumber + 1}` };
}
