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

const consumedQuery = ['array'];

/** Arrays with one value per sample. */
const perSample = ['sample_weight', 'labels'];

/** A file that is being read, and the weights and labels found in it so far. */
interface Npz {
  members: AsyncGenerator<OpenMember, void>;
  sampleWeight?: Float64Array;
  labels?: Float64Array;
  /** The array that the request names. */
  named?: string;
  /** The member that was read as the data. */
  read?: string;
}

/**
 * Reads `data.npy`, the only array, or the one that `array=` names, and `sample_weight.npy` from an npz file, and
 * `labels.npy` where no array is named. Large data stream, and weights or labels that follow them come too late for a
 * stream: a call that may need them uses `Body.readWithWeights`, within the memory limit.
 */
export const readNpz: FormatReader = async (body, reading) => {
  const npz: Npz = { members: zipMembers(readBytes(body), npyLength), named: reading.options.array };
  const member = await dataMember(npz, reading);
  if (!member && npz.named !== undefined) {
    throw problemAt('invalid_request', '/array', `The npz file holds no array ${quote(npz.named)}.`);
  }
  if (!member) return { envelope: {}, sampleWeight: npz.sampleWeight, labels: npz.labels, consumedQuery };
  const content = readBytes(member.content);
  const header = await readArrayHeader(content, readNpyHeader);
  const data = await readArray(content, header, reading);
  if (data.input?.inMemory === false) return streaming(npz, data.input.source, content, header, reading);
  await dataMember(npz, reading);
  return { ...data, sampleWeight: npz.sampleWeight, labels: npz.labels, consumedQuery };
};

/** Skips to the data or the end of the file; weights are read on the way. */
async function dataMember(npz: Npz, reading: ReadContext): Promise<OpenMember | undefined> {
  for (let next = await npz.members.next(); !next.done; next = await npz.members.next()) {
    const { name, content } = next.value;
    const array = name.replace(/\.npy$/, '');
    if (array === npz.named || (npz.named === undefined && !perSample.includes(array) && name.endsWith('.npy'))) {
      if (npz.read !== undefined) throw twoArrays(npz.read, array);
      npz.read = array;
      return next.value;
    }
    if (name === 'sample_weight.npy') {
      npz.sampleWeight = await readPerSample('sample_weight', readBytes(content), reading);
    } else if (npz.named !== undefined) {
      await drain(content);
    } else if (name === 'labels.npy') {
      npz.labels = await readPerSample('labels', readBytes(content), reading);
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
  const { sampleWeight, labels } = npz;
  const source: Source = {
    ...data,
    async *blocks(plan) {
      yield* data.blocks(plan);
      await dataMember(npz, reading);
      if (npz.sampleWeight !== sampleWeight) {
        const detail = `Data of ${sizeOf(data)} bytes are streamed, so sample_weight.npy must come before data.npy in the file.`;
        throw problemAt('invalid_weights', '/sample_weight', detail);
      }
    },
  };
  return {
    envelope: {},
    input: { source, form: 'binary', inMemory: false },
    sampleWeight,
    labels,
    consumedQuery,
    async readWithWeights() {
      const tensor = await readArrayIntoMemory(content, header, reading);
      await dataMember(npz, reading);
      return { ...bodyInMemory(tensor, header), sampleWeight: npz.sampleWeight, labels: npz.labels, consumedQuery };
    },
  };
}

async function readPerSample(
  name: 'sample_weight' | 'labels',
  content: ByteReader,
  reading: ReadContext,
): Promise<Float64Array> {
  const header = await readArrayHeader(content, readNpyHeader);
  if (header.shape.length !== 1) {
    const detail = `${name} must have one number per sample, not shape ${formatShape(header.shape)}.`;
    throw problemAt(name === 'labels' ? 'shape_mismatch' : 'invalid_weights', `/${name}`, detail);
  }
  const { buffer } = await readArrayIntoMemory(content, header, reading);
  return reading.pool.run(weightsTask, { header, buffer });
}

/** The length of an npy file from its own header, because NumPy omits it from the ZIP header when writing to a pipe. */
function npyLength(bytes: Uint8Array): number | null {
  const header = readNpyHeader(bytes);
  return header && header.dataOffset + sizeOf(header);
}
