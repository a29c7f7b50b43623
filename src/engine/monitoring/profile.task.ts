import { defineTask } from '#pool/task.ts';
import { createProfile, type Profile } from '#statistics/drift/profile.ts';
import { joinSamples, type ValueSample } from '#statistics/drift/value-sample.ts';
import type { State } from '#statistics/reduction.ts';

/** What was gathered of the data becomes their profile. */
interface ProfileTask {
  states: State[];
  samples: ValueSample[];
  threshold: number;
}

export const profileTask = defineTask({
  name: 'profile',
  run: ({ states, samples, threshold }: ProfileTask): Profile => createProfile(states, joinSamples(samples, threshold)),
  transfers: ({ samples }) =>
    samples.flatMap(({ values, slices, hashes }) => [values.buffer, slices.buffer, hashes.buffer]),
});
