// A table of 1 GiB with two text columns through a stored z-score: `node bench/table-stream.ts [GiB]`. The answer is read while the
// table is sent; what is told is how fast it flows, and how far the memory of the service grows.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { parseArgs } from 'node:util';
import { type CarriedColumn, carriedFromTexts } from '#tensor/carried.ts';
import { createArrowWriter } from '#formats/arrow/table-writer.ts';
import { endOfStream } from '#formats/arrow/encode-messages.ts';
import { type Server, startServer } from './servers.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const bytes = Number(positionals[0] ?? 1) * 2 ** 30;

/** Rows of a piece, which is sent again and again. */
const rows = 50_000;

const names = ['age', 'city', 'pay', 'id'];
const numbers = (seed: number) => Float64Array.from({ length: rows }, (_, row) => ((row * 7919 + seed) % 9973) / 7);
const [ages, pays] = [numbers(1), numbers(5)];
const cities = Array.from({ length: rows }, (_, row) => `city ${row % 997} of Zürich`);
const ids = Array.from({ length: rows }, (_, row) => `id-${row}-${(row * 31) % 1009}`);

interface Piecewise {
  type: string;
  before: Uint8Array;
  piece: Uint8Array;
  after: Uint8Array;
}

function csv(): Piecewise {
  const lines = cities.map((city, row) => `${ages[row]},${city},${pays[row]},${ids[row]}\n`);
  const before = Buffer.from(`${names.join(',')}\n`);
  return { type: 'text/csv', before, piece: Buffer.from(lines.join('')), after: new Uint8Array(0) };
}

function arrow(): Piecewise {
  const float = { kind: 'float', bits: 64 } as const;
  const utf8 = { kind: 'utf8' } as const;
  const types = [float, utf8, float, utf8];
  const writer = createArrowWriter(names.map((name, at) => ({ name, type: types[at], isNullable: false })));
  const floats = (values: Float64Array): CarriedColumn => ({
    type: float,
    length: rows,
    data: new Uint8Array(values.buffer),
  });
  const columns = [floats(ages), carriedFromTexts(cities), floats(pays), carriedFromTexts(ids)];
  const before = writer.begin();
  const piece = Buffer.concat([...writer.write(columns)]);
  return { type: 'application/vnd.apache.arrow.stream', before, piece, after: endOfStream };
}

async function send({ port }: Server, path: string, { type, before, piece, after }: Piecewise, count: number) {
  const outgoing = request({
    port,
    host: '127.0.0.1',
    path,
    method: 'POST',
    headers: { 'content-type': type, accept: path.endsWith('transform') ? type : 'application/json' },
  });
  const answered = new Promise<number>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let size = 0;
      incoming.on('data', (data: Buffer) => (size += data.length));
      incoming.on('end', () =>
        incoming.statusCode !== undefined && incoming.statusCode < 300
          ? resolve(size)
          : reject(new Error(`${incoming.statusCode}`)),
      );
      incoming.on('error', reject);
    });
  });
  outgoing.write(before);
  for (let at = 0; at < count; at++) {
    if (!outgoing.write(piece)) await new Promise((resolve) => outgoing.once('drain', resolve));
  }
  outgoing.end(after);
  return answered;
}

/** MiB of a line of Linux' /proc/PID/status. */
function mebibytes({ pid }: Server, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024);
}

for (const [name, table] of Object.entries({ csv: csv(), arrow: arrow() })) {
  const server = await startServer('service');
  await send(server, '/v1/normalizers/people/versions?method=zscore', table, 1);
  const path = '/v1/normalizers/people/transform';
  const count = Math.ceil(bytes / table.piece.length);
  // A tenth of it first, so that buffers have their size.
  await send(server, path, table, Math.ceil(count / 10));
  const [idle, tenth] = [mebibytes(server, 'VmRSS'), mebibytes(server, 'VmHWM')];
  const begun = performance.now();
  const size = await send(server, path, table, count);
  const seconds = (performance.now() - begun) / 1000;
  const sent = (count * table.piece.length) / 2 ** 20;
  console.log(
    `${name}: ${Math.round(sent)} MiB in ${seconds.toFixed(1)} s (${Math.round(sent / seconds)} MiB/s), ${Math.round(size / 2 ** 20)} MiB back; memory ${idle} MiB before, at most ${tenth} MiB for a tenth of it and ${mebibytes(server, 'VmHWM')} MiB for all`,
  );
  await server.stop();
}
