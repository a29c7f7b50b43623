import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createActiveSet } from '#http/exchange/active-set.ts';

test('whoever has come and not gone is there, once, in whatever order they go and however often they say so', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (steps) => {
      const all = createActiveSet<{ at: number; name: number }>();
      const there = new Map<number, { at: number; name: number }>();
      const gone: { at: number; name: number }[] = [];
      for (const name of steps) {
        const known = there.get(name);
        if (known) {
          all.remove(known);
          there.delete(name);
          gone.push(known);
        } else {
          const item = { at: -1, name };
          all.add(item);
          there.set(name, item);
        }
        for (const again of gone) all.remove(again);
        assert.deepEqual(
          all
            .all()
            .map((item) => item.name)
            .sort((a, b) => a - b),
          [...there.keys()].sort((a, b) => a - b),
        );
      }
    }),
  );
});
