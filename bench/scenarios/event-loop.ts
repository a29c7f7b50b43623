import { setTimeout as sleep } from 'node:timers/promises';
import { pixelsPerImage, randomRows } from '../data.ts';
import { exchange } from '../send-request.ts';
import { l2OfJson } from '../messages.ts';
import { probeWhile } from '../probe.ts';
import type { Scenario } from '../scenario.ts';

export const eventLoop: Scenario = {
  name: 'event-loop',
  about:
    '/health/live every 5 ms while 64 MiB of JSON are normalized; the baseline parses and stringifies them in its loop',
  rounds: 5,
  quickRounds: 1,
  requests: 1,
  targets: [{ figure: 'worst, ms', most: 20 }],
  sides: {
    service: { server: 'service', path: '/v1/normalize' },
    baseline: { server: 'baseline', path: '/json' },
    peer: { server: 'peer', path: '/v1/normalize' },
    idle: { server: 'service', path: '' },
  },
  async prepare({ start }, { server: name, path }) {
    const server = await start(name);
    const rowLength = JSON.stringify(randomRows(1, pixelsPerImage)).length;
    const message = { ...l2OfJson(Math.round(2 ** 26 / rowLength), pixelsPerImage), path };
    return async () => {
      const { worst, p99 } = await probeWhile(server, () => (path ? exchange(server, message) : sleep(1000)));
      return { 'worst, ms': worst, 'p99, ms': p99 };
    };
  },
};
