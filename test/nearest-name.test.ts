import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeUnknown, listNames, nearestName } from '../src/nearest-name.ts';

const methods = ['minmax', 'zscore', 'norm', 'mean_range', 'robust'];

test('The nearest name is one that a few letters, case or a dash make of the one given', () => {
  assert.equal(nearestName('zscor', methods), 'zscore');
  assert.equal(nearestName('Mean-Range', methods), 'mean_range');
  assert.equal(nearestName('robsut', methods), 'robust');
  assert.equal(nearestName('standard', methods), undefined);
  assert.equal(nearestName('pya', ['age', 'pay']), 'pay');
  assert.equal(nearestName('xy', ['yx']), 'yx');
  assert.equal(nearestName('ab', ['ac', 'long']), 'ac');
  assert.equal(nearestName('x', ['y', 'long']), undefined);
  assert.equal(nearestName('X', ['y', 'x']), 'x');
});

test('An unknown name is quoted, with the nearest one or with all there are', () => {
  assert.equal(
    describeUnknown('method', 'zscor', methods),
    'There is no method "zscor"; did you mean "zscore"? There are "minmax", "zscore", "norm", "mean_range" and "robust".',
  );
  assert.equal(
    describeUnknown('option', 'axs', ['axis'], ' of minmax'),
    'There is no option "axs" of minmax; did you mean "axis"?',
  );
  const many = Array.from({ length: 30 }, (_, at) => `column${at}`);
  assert.equal(describeUnknown('column', 'colum3', many), 'There is no column "colum3"; did you mean "column3"?');
  assert.equal(
    describeUnknown('column', 'q', ['alpha', 'beta']),
    'There is no column "q": there are "alpha" and "beta".',
  );
  assert.equal(describeUnknown('column', 'q', []), 'There is no column "q": there is none at all.');
});

test('A long list of names ends with how many more there are', () => {
  assert.equal(listNames(['a']), '"a"');
  assert.equal(listNames(['a', 'b', 'c'], 3), '"a", "b" and "c"');
  assert.equal(listNames(['a', 'b', 'c', 'd'], 3), '"a", "b" and 2 more');
});
