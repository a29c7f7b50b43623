// What a process costs by itself: each round has one of its own.
import { readFileSync } from 'node:fs';
import { exchange } from '../send-request.ts';
import { imagesForFloats, l2PerImage } from '../messages.ts';
import type { Scenario } from '../scenario.ts';
import type { Server } from '../servers.ts';

/** How often the images are sent to one process. */
const uploads = 3;

export const memory: Scenario = {
  name: 'memory',
  about: "resident memory of a fresh process: when idle, and mnist-l2's peak above that",
  rounds: 3,
  quickRounds: 1,
  requests: uploads,
  targets: [{ figure: 'above idle, MiB', most: 200 }],
  sides: {
    service: { server: 'service', path: l2PerImage },
    baseline: { server: 'baseline', path: '/write-4' },
    peer: { server: 'peer', path: l2PerImage },
  },
  async prepare(bench, { server: name, path }) {
    const message = { ...imagesForFloats(bench), path };
    return async () => {
      const server = await bench.start(name);
      const idle = mebibytes(server, 'VmRSS');
      for (let times = 0; times < uploads; times++) await exchange(server, message);
      const peak = mebibytes(server, 'VmHWM');
      await server.stop();
      return { 'idle, MiB': idle, 'above idle, MiB': peak - idle };
    };
  },
};

/** A line of Linux' /proc/PID/status. */
function mebibytes({ pid }: Server, name: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] =
    new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

export const start: Scenario = {
  name: 'start',
  about:
    "what the image runs, from the process' start to 200 on /health/ready, with what Node compiled kept from the round that warms up; the baseline is a bare node:http server in one file",
  rounds: 11,
  quickRounds: 3,
  requests: 1,
  targets: [{ figure: 'ms', ratio: 5 }],
  sides: {
    service: { server: 'bundle', path: '' },
    baseline: { server: 'bare', path: '' },
    peer: { server: 'peer', path: '' },
  },
  async prepare(bench, { server: name }) {
    return async () => {
      const server = await bench.start(name);
      await server.stop();
      return { ms: server.readyAfter };
    };
  },
};
