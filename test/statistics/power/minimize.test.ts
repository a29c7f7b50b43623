import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minimize } from '#statistics/power/minimize.ts';

describe('minimize', () => {
  test('finds a minimum within its bounds', () => {
    for (const least of [-4, -0.3, 0, 1e-3, 2.5]) {
      const got = minimize((x) => Math.cosh(x - least), -5, 4, 1e-9);
      assert.ok(Math.abs(got - least) < 1e-7, `${got}, expected ${least}`);
    }
  });

  test('comes to a bound where the minimum is beyond', () => {
    assert.ok(Math.abs(minimize((x) => x, 2, 9, 1e-9) - 2) < 1e-6);
    assert.ok(Math.abs(minimize((x) => -x, 2, 9, 1e-9) - 9) < 1e-6);
  });

  test('leaves out what is rejected', () => {
    const got = minimize((x) => (x < 1.5 ? Infinity : x * x), -9, 9, 1e-9);
    assert.ok(got >= 1.5 && got < 1.5001, `${got}`);
  });
});
