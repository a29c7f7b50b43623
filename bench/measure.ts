import { withoutModule } from '../test/python.ts';
import { type Bench, type Figures, type Measure, type Scenario, type Side, sides } from './scenario.ts';
import { type Server, type StartOptions, startServer } from './servers.ts';

/** What every round of each side measured. */
export type Rounds<Name extends string = Side> = Partial<Record<Name, Figures[]>>;

/** The sides in Python take longest: of this many rounds they take part in one. */
const roundsToPython = 5;
const inPython: ReadonlySet<string> = new Set<Side>(['peer', 'scipy']);

/** Why there is no side in Python; false when there is one. */
export function withoutPeer(): string | false {
  const missing = ['fastapi', 'uvicorn', 'numpy', 'scipy', 'sklearn']
    .map((name) => withoutModule(name, `python3-${name}`))
    .find((reason) => reason !== false);
  return missing ?? false;
}

/** A bench that starts servers of one checkout, and stops them all. */
export function benchOf(pixels: Bench['pixels'], options?: StartOptions): Bench & { stop(): Promise<void> } {
  const started: Server[] = [];
  const last: (() => void)[] = [];
  return {
    pixels,
    atEnd: (work) => void last.push(work),
    async start(name) {
      const server = await startServer(name, options);
      started.push(server);
      return server;
    },
    async stop() {
      for (const work of last.splice(0)) work();
      await Promise.all(started.map((server) => server.stop()));
    },
  };
}

/** Measures a scenario's sides in turns. */
export async function measure(scenario: Scenario, bench: Bench, quick: boolean, peer: boolean): Promise<Rounds> {
  const prepared = new Map<Side, Measure>();
  for (const side of sides) {
    const route = scenario.sides[side];
    if (route && (peer || !inPython.has(side))) prepared.set(side, await scenario.prepare(bench, route));
  }
  if (scenario.scipy && peer) prepared.set('scipy', await scenario.scipy(bench));
  return inTurns(prepared, quick ? scenario.quickRounds : scenario.rounds);
}

/** Runs rounds of several sides, forth and back, so that none always comes first; the first round warms up. */
export async function inTurns<Name extends string>(
  prepared: ReadonlyMap<Name, Measure>,
  count: number,
): Promise<Rounds<Name>> {
  const rounds: Rounds<Name> = {};
  const forth = [...prepared];
  const back = forth.toReversed();
  for (let round = 0; round <= count; round++) {
    for (const [side, once] of round % 2 === 0 ? forth : back) {
      if (inPython.has(side) && round > Math.ceil(count / roundsToPython)) continue;
      const figures = await once();
      if (round > 0) (rounds[side] ??= []).push(figures);
    }
  }
  return rounds;
}
