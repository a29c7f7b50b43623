import { weightsTask } from '#formats/sample-weights.task.ts';
import { Problem, problemAt, quote } from '#errors.ts';
import { formatShape } from '#tensor/shape.ts';
import type { Source } from '#tensor/source.ts';
import { readNpyHeader } from '#formats/npy/header.ts';
import { sizeOf } from '#formats/stream/array-source.ts';
import { type ByteReader, readBytes } from '#formats/stream/byte-reader.ts';
import {
  type ArrayHeader,
  bodyInMemory,
  readArrayIntoMemory,
  readArray,
  readArrayHeader,
} from '#formats/array-body.ts';
import type { Body, FormatReader, ReadContext } from '#formats/reader.ts';
import { type OpenMember, zipMembers } from './zip-reader.ts';

/** What has one value per sample. */
const perSample = ['sample_weight', 'groups', 'labels', 'folds'] as const;

type PerSample = (typeof perSample)[number];

/** A file that is being read, and what was found in it so far. */
interface Npz {
  members: AsyncGenerator<OpenMember, void>;
  found: Partial<Record<PerSample, Float64Array>>;
  /** The array that each is in, as the request names it, or as it is called itself. */
  arrays: ReadonlyMap<string, PerSample>;
  /** What the request names an array for, which must be there. */
  asked: readonly PerSample[];
  /** The array that the request names as the data. */
  named?: string;
  /** The member that was read as the data. */
  read?: string;
}

/**
 * Reads the only array of an npz file, or the one that `array=` names, and with it what has one value per sample: the arrays
 * `sample_weight`, `groups`, `labels` and `folds`, or those that the query names. Large data stream, and what follows them comes too late
 * for a stream: a call that may need it uses `Body.readWithWeights`, within the memory limit.
 */
export const readNpz: FormatReader = async (body, reading) => {
  const npz = openNpz(body, reading.options);
  const member = await dataMember(npz, reading);
  if (!member && npz.named !== undefined) throw noArray('array', npz.named);
  if (!member) return { envelope: {}, ...besideData(npz) };
  const content = readBytes(member.content);
  const header = await readArrayHeader(content, readNpyHeader);
  const data = await readArray(content, header, reading);
  if (data.input?.inMemory === false) return streaming(npz, data.input.source, content, header, reading);
  await dataMember(npz, reading);
  checkFound(npz);
  return { ...data, ...besideData(npz) };
};

function openNpz(body: AsyncIterable<Uint8Array>, options: ReadContext['options']): Npz {
  const asked = perSample.filter((name) => isName(options[name]));
  return {
    members: zipMembers(readBytes(body), npyLength),
    found: {},
    arrays: new Map(perSample.map((name) => [asked.includes(name) ? options[name] : name, name])),
    asked,
    named: options.array,
  };
}

/** Whether a text of the query is the name of an array, and not a list of values. */
function isName(text: string | undefined): text is string {
  return text !== undefined && !/^\s*[[\d+.-]|,/.test(text);
}

/** What an npz has beside its data, and what of the query it has taken. */
function besideData({ found, named, asked }: Npz): Omit<Body, 'envelope'> {
  const { sample_weight: sampleWeight, groups, labels, folds } = found;
  return {
    sampleWeight,
    groups,
    labels,
    folds,
    mayHoldMore: named !== undefined && asked.length === 0,
    consumedQuery: ['array', ...asked],
  };
}

/** @throws Problem where an array that the request names is not there */
function checkFound({ asked, found, arrays }: Npz): void {
  const missing = asked.find((name) => !found[name]);
  if (missing === undefined) return;
  const [array] = [...arrays].find(([, name]) => name === missing) ?? [''];
  throw noArray(missing, array);
}

function noArray(member: string, array: string): Problem {
  return problemAt('invalid_request', `/${member}`, `The npz file holds no array ${quote(array)}.`);
}

/** Skips to the data or the end of the file; what has one value per sample is read on the way. */
async function dataMember(npz: Npz, reading: ReadContext): Promise<OpenMember | undefined> {
  for (let next = await npz.members.next(); !next.done; next = await npz.members.next()) {
    const { name, content } = next.value;
    const array = name.replace(/\.npy$/, '');
    const role = npz.arrays.get(array);
    if (array === npz.named || (npz.named === undefined && role === undefined && name.endsWith('.npy'))) {
      if (npz.read !== undefined) throw twoArrays(npz.read, array);
      npz.read = array;
      return next.value;
    }
    if (role !== undefined && name.endsWith('.npy')) {
      npz.found[role] = await readPerSample(role, readBytes(content), reading);
    } else if (npz.named !== undefined) {
      await drain(content);
    } else {
      throw new Problem('invalid_request', `The npz file holds ${quote(name)}, which is no array.`);
    }
  }
  return undefined;
}

function twoArrays(one: string, other: string): Problem {
  const detail = `The npz file holds the arrays ${quote(one)} and ${quote(other)}: array= names the one that is the data.`;
  return problemAt('invalid_request', '/array', detail);
}

async function drain(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of content) continue;
}

function streaming(npz: Npz, data: Source, content: ByteReader, header: ArrayHeader, reading: ReadContext): Body {
  const before = besideData(npz);
  const source: Source = {
    ...data,
    async *blocks(plan) {
      yield* data.blocks(plan);
      await dataMember(npz, reading);
      checkFound(npz);
      if (npz.found.sample_weight !== before.sampleWeight) {
        const detail = `Data of ${sizeOf(data)} bytes are streamed, so sample_weight.npy must come before data.npy in the file.`;
        throw problemAt('invalid_weights', '/sample_weight', detail);
      }
    },
  };
  return {
    envelope: {},
    input: { source, form: 'binary', inMemory: false },
    ...before,
    async readWithWeights() {
      const tensor = await readArrayIntoMemory(content, header, reading);
      await dataMember(npz, reading);
      checkFound(npz);
      return { ...bodyInMemory(tensor, header), ...besideData(npz) };
    },
  };
}

async function readPerSample(name: PerSample, content: ByteReader, reading: ReadContext): Promise<Float64Array> {
  const header = await readArrayHeader(content, readNpyHeader);
  if (header.shape.length !== 1) {
    const detail = `${name} must have one number per sample, not shape ${formatShape(header.shape)}.`;
    throw problemAt(name === 'sample_weight' ? 'invalid_weights' : 'shape_mismatch', `/${name}`, detail);
  }
  const { buffer } = await readArrayIntoMemory(content, header, reading);
  return reading.pool.run(weightsTask, { header, buffer });
}

/** The length of an npy file from its own header, because NumPy omits it from the ZIP header when writing to a pipe. */
function npyLength(bytes: Uint8Array): number | null {
  const header = readNpyHeader(bytes);
  return header && header.dataOffset + sizeOf(header);
}
