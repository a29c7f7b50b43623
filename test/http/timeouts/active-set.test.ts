import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createActiveSet } from '#http/timeouts/active-set.ts';

test('whoever has come and not gone is there, once, in whatever order they go and however often they say so', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (steps) => {
      const all = createActiveSet<number>();
      const leave = new Map<number, () => void>();
      const gone: (() => void)[] = [];
      for (const item of steps) {
        const remove = leave.get(item);
        if (remove) {
          remove();
          leave.delete(item);
          gone.push(remove);
        } else leave.set(item, all.add(item));
        for (const again of gone) again();
        assert.deepEqual(
          all.all().sort((a, b) => a - b),
          [...leave.keys()].sort((a, b) => a - b),
        );
      }
    }),
  );
});
