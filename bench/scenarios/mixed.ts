import { randomRows, shuffled, toFloatNpy } from '../data.ts';
import { exchange, type Message } from '../send-request.ts';
import { l2OfJson, npy } from '../messages.ts';
import type { Route, Scenario } from '../scenario.ts';

const clients = 32;
const columns = 16;

/** Bytes of the bodies: from 1 KB to 4 MB, each twice the one before, once as JSON and once as npy. */
const sizes = Array.from({ length: 13 }, (_, at) => 2 ** (10 + at));

/** Digits, point and comma of a double in JSON, about. */
const bytesOfDouble = 20;

/** How often each body is sent in a round. */
const repeats = 6;

function messages({ server, path }: Route): Message[] {
  const [asJson, asNpy] = server === 'baseline' ? ['/json', '/write-1'] : [path, `${path}?method=norm&axis=-1`];
  return sizes.flatMap((size) => {
    const floats = toFloatNpy(randomRows(Math.ceil(size / (4 * columns)), columns));
    return [
      { ...l2OfJson(Math.ceil(size / (bytesOfDouble * columns)), columns), path: asJson },
      { path: asNpy, type: npy, accept: npy, body: floats, answerAtLeast: size },
    ];
  });
}

export const mixed: Scenario = {
  name: 'mixed',
  about: `${clients} clients, L2 of 1 KB to 4 MB as JSON and float32 npy; the baseline writes back what it read`,
  rounds: 7,
  quickRounds: 2,
  requests: 2 * sizes.length * repeats,
  targets: [{ figure: 'ns/byte', ratio: 1.1 }],
  sides: {
    service: { server: 'service', path: '/v1/normalize' },
    baseline: { server: 'baseline', path: '' },
    peer: { server: 'peer', path: '/v1/normalize' },
  },
  async prepare({ start }, route) {
    const server = await start(route.server);
    const each = messages(route);
    const times = route.server === 'peer' ? 1 : repeats;
    const all = shuffled(Array.from({ length: times }, () => each).flat());
    const bytes = all.reduce((sum, { body }) => sum + body.length, 0);
    return async () => {
      const rest = all.values();
      const started = performance.now();
      // Each client takes what is next once it has its answer; one that fails fails the scenario.
      const client = async () => {
        for (const message of rest) await exchange(server, message);
      };
      await Promise.all(Array.from({ length: clients }, client));
      return { 'ns/byte': ((performance.now() - started) * 1e6) / bytes };
    };
  },
};
