import type { Scenario } from './scenario.ts';
import { eventLoop } from './scenarios/event-loop.ts';
import { describe, jsonL2, mnistL2, mnistMinmax, storedZscore } from './scenarios/large.ts';
import { mixed } from './scenarios/mixed.ts';
import { memory, start } from './scenarios/process.ts';
import { smallScenarios, steady } from './scenarios/small.ts';

export const scenarios: readonly Scenario[] = [
  mnistL2,
  storedZscore,
  mnistMinmax,
  describe,
  jsonL2,
  ...smallScenarios,
  steady,
  mixed,
  eventLoop,
  memory,
  start,
];

/** @throws Error for a name that no scenario has */
export function named(name: string): Scenario {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario) return scenario;
  throw new Error(`There is no ${name}; the scenarios are ${scenarios.map((one) => one.name).join(', ')}.`);
}
