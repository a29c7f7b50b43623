// Small requests, all of them different. The baseline is a Fastify echo of the same bodies.
import { readFileSync } from 'node:fs';
import { quantile } from '../quartiles.ts';
import { load } from '../load.ts';
import { askSteadily } from '../open-loop.ts';
import type { Scenario } from '../scenario.ts';
import { exchange, type Message } from '../send-request.ts';
import type { Server } from '../servers.ts';
import { l2Bodies, rowBodies, recordBodies, storeRows, tensorBodies, binaryTensorBodies } from '../small-messages.ts';
import type { Body } from '../messages.ts';

const connections = 64;

/** Requests a second, and seconds, of a steady stream. */
const rate = 300;
const duration = 3;

/** The kernel's clock ticks in /proc/PID/stat. */
const ticksPerSecond = 100;

interface SmallScenario extends Pick<Scenario, 'name' | 'about' | 'targets' | 'requests'> {
  path: string;
  bodies(): Body[];
  /** What the echo gets, where it cannot read that. */
  echoed?(): Body[];
  /** What the service has to be told beforehand. */
  before?: Message;
  hasPeer?: boolean;
}

function sidesOf(path: string, hasPeer: boolean): Scenario['sides'] {
  const sides: Scenario['sides'] = { service: { server: 'service', path }, baseline: { server: 'echo', path: '/' } };
  return hasPeer ? { ...sides, peer: { server: 'peer', path } } : sides;
}

/** As fast as they are answered. */
function small({
  name,
  about,
  targets,
  requests,
  path,
  bodies,
  echoed = bodies,
  before,
  hasPeer = false,
}: SmallScenario): Scenario {
  return {
    name,
    about: `${about}, ${connections} connections; the baseline is a Fastify echo`,
    rounds: 9,
    quickRounds: 4,
    requests,
    sides: sidesOf(path, hasPeer),
    targets,
    async prepare({ start }, { server: name, path: target }) {
      const server = await start(name);
      if (before && name === 'service') await exchange(server, before);
      const messages = (name === 'echo' ? echoed : bodies)().map((body) => ({ ...body, path: target }));
      const count = name === 'peer' ? requests / 8 : requests;
      return async () => {
        const before = processorSeconds(server);
        const perSecond = await load(server, messages, connections, count);
        return { 'requests/s': perSecond, 'CPU, µs': ((processorSeconds(server) - before) * 1e6) / count };
      };
    },
  };
}

/** Seconds that the threads of a process have run; NaN where Linux does not tell. */
function processorSeconds({ pid }: Server): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return Number.NaN;
  }
}

export const smallScenarios: readonly Scenario[] = [
  small({
    name: 'small-4x2',
    about: 'L2 of 4 x 2, the data alone',
    targets: [
      { figure: 'requests/s', ratio: 2 },
      { figure: 'CPU, µs', most: 60 },
    ],
    requests: 12_000,
    path: '/v1/normalize',
    bodies: () => l2Bodies(4, 2, ['data']),
    hasPeer: true,
  }),
  small({
    name: 'small-32x16',
    about: 'L2 of 32 x 16, the data alone',
    targets: [{ figure: 'requests/s', ratio: 1.4 }],
    requests: 5_000,
    path: '/v1/normalize',
    bodies: () => l2Bodies(32, 16, ['data']),
    hasPeer: true,
  }),
  small({
    name: 'small-32x16-all',
    about: 'L2 of 32 x 16 with what was fitted and statistics',
    targets: [{ figure: 'requests/s', ratio: 1.8 }],
    requests: 5_000,
    path: '/v1/normalize',
    bodies: () => l2Bodies(32, 16),
    hasPeer: true,
  }),
  small({
    name: 'stored-row',
    about: 'one row of 20 values through a stored z-score',
    targets: [{ figure: 'requests/s', ratio: 2 }],
    requests: 10_000,
    path: '/v1/normalizers/rows/transform',
    bodies: rowBodies,
    before: storeRows,
  }),
  small({
    name: 'stored-record',
    about: 'the same as a record by name',
    targets: [{ figure: 'requests/s', ratio: 3 }],
    requests: 10_000,
    path: '/v1/normalizers/rows/transform',
    bodies: recordBodies,
    before: storeRows,
  }),
  small({
    name: 'infer-json',
    about: 'the same by the Open Inference Protocol, in JSON',
    targets: [{ figure: 'requests/s', ratio: 2 }],
    requests: 10_000,
    path: '/v2/models/rows/infer',
    bodies: tensorBodies,
    before: storeRows,
  }),
  small({
    name: 'infer-binary',
    about: 'the same with the numbers as bytes behind the JSON, which the echo gets in the JSON',
    targets: [{ figure: 'requests/s', ratio: 2 }],
    requests: 10_000,
    path: '/v2/models/rows/infer',
    bodies: binaryTensorBodies,
    echoed: tensorBodies,
    before: storeRows,
  }),
];

export const steady: Scenario = {
  name: 'steady',
  about: `L2 of 32 x 16, the data alone, ${rate} a second however long they take; the baseline is a Fastify echo`,
  rounds: 7,
  quickRounds: 2,
  requests: rate * duration,
  sides: sidesOf('/v1/normalize', true),
  targets: [
    { figure: 'p99, ms', ratio: 2.5 },
    { figure: 'median, ms', ratio: 2 },
  ],
  async prepare({ start }, { server: name, path }) {
    const server = await start(name);
    const messages = l2Bodies(32, 16, ['data']).map((body) => ({ ...body, path }));
    return async () => {
      const latencies = await askSteadily(server, messages, rate, rate * duration);
      return { 'p99, ms': quantile(latencies, 0.99), 'median, ms': quantile(latencies, 0.5) };
    };
  },
};
