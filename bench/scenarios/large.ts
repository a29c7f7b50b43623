// One large body in one request.
import { images, pixelsPerImage, toNpy } from '../data.ts';
import { exchange, type Message } from '../send-request.ts';
import { startPython } from '../kernels/python.ts';
import { type Body, imagesForFloats, l2OfJson, l2PerImage, npy } from '../messages.ts';
import type { Bench, Scenario } from '../scenario.ts';

interface OneBody extends Pick<Scenario, 'name' | 'about' | 'targets'> {
  path: string;
  /** The baseline's path. */
  baseline: string;
  body(bench: Bench): Body;
  /** What the service has to be told beforehand. */
  before?(bench: Bench): Message;
}

function oneBody({ name, about, targets, path, baseline, body, before }: OneBody): Scenario {
  return {
    name,
    about,
    targets,
    rounds: 15,
    quickRounds: 4,
    requests: 1,
    sides: {
      service: { server: 'service', path },
      baseline: { server: 'baseline', path: baseline },
      peer: { server: 'peer', path },
    },
    async prepare(bench, route) {
      const server = await bench.start(route.server);
      if (before && route.server !== 'baseline') await exchange(server, before(bench));
      const message = { ...body(bench), path: route.path };
      return async () => ({ ms: await exchange(server, message) });
    },
  };
}

export const mnistL2 = oneBody({
  name: 'mnist-l2',
  about: 'uint8 npy of 60000 x 784 in, L2 per image, float32 npy out',
  targets: [{ figure: 'ms', ratio: 1.3 }],
  path: l2PerImage,
  baseline: '/write-4',
  body: imagesForFloats,
});

export const storedZscore = oneBody({
  name: 'stored-zscore',
  about: 'the same through a stored z-score of the 784 pixels',
  targets: [{ figure: 'ms', ratio: 1.3 }],
  path: '/v1/normalizers/pixels/transform?output_dtype=float32',
  baseline: '/write-4',
  body: imagesForFloats,
  before: ({ pixels }) => ({
    path: '/v1/normalizers/pixels/versions?method=zscore&axis=0',
    type: npy,
    body: toNpy(pixels()),
  }),
});

export const mnistMinmax = oneBody({
  name: 'mnist-minmax',
  about: 'the same with minmax over the whole array: two passes',
  targets: [{ figure: 'ms', ratio: 1.6 }],
  path: '/v1/normalize?method=minmax&axis=null&output_dtype=float32',
  baseline: '/write-4',
  body: imagesForFloats,
});

export const describe: Scenario = {
  ...oneBody({
    name: 'describe',
    about:
      'the statistics of the same 47 million values; the baseline only reads them; scipy.stats.describe in process',
    targets: [
      { figure: 'ms', ratio: 1.5 },
      { figure: 'ms', ratio: 0.1, to: 'scipy' },
    ],
    path: '/v1/describe',
    baseline: '/read',
    body: ({ pixels }) => ({ type: npy, body: toNpy(pixels()) }),
  }),
  async scipy({ pixels, atEnd }) {
    const python = startPython();
    atEnd(python.stop);
    await python.load(pixels(), [images, pixelsPerImage]);
    return async () => ({ ms: (await python.time('sklearn', 'four moments', null)) as number });
  },
};

export const jsonL2 = oneBody({
  name: 'json-l2',
  about: 'nested lists of 1000 x 784 doubles, L2; the baseline parses and stringifies them',
  targets: [{ figure: 'ms', ratio: 1 }],
  path: '/v1/normalize',
  baseline: '/json',
  body: () => l2OfJson(1000, pixelsPerImage),
});
