import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Distribution } from '#plots/distribution.ts';
import { markup } from '#plots/markup.ts';
import { percent, readable } from '#plots/numbers.ts';
import { drawPicture } from '#plots/picture.ts';

function distribution(counts: number[], words: Partial<Distribution> = {}): Distribution {
  const nobs = counts.reduce((sum, count) => sum + count, 0);
  const values = {
    nobs,
    nan_count: 0,
    zero_count: 0,
    min: 0,
    max: 1,
    mean: 0.5,
    variance: 1,
    skewness: 0,
    kurtosis: 0,
  };
  const edges = Array.from({ length: counts.length + 1 }, (_, at) => at / counts.length);
  return { title: 'input', subtitle: 'as it came', isInput: true, values, histogram: { counts, edges }, ...words };
}

function draw(...panels: Distribution[]): string {
  return drawPicture({ title: 'Title', subtitle: '3 values', panels });
}

/** The heights of the bars, in order. */
function heightsOf(svg: string): number[] {
  return [...svg.matchAll(/class="bar"[^>]* height="([\d.]+)"/g)].map(([, height]) => Number(height));
}

test('bars are as high as their counts on a linear axis', () => {
  const heights = heightsOf(draw(distribution([10, 20, 40])));
  assert.ok(Math.abs(heights[1] / heights[0] - 2) < 0.01);
  assert.ok(Math.abs(heights[2] / heights[1] - 2) < 0.01);
});

test('an empty bin has no bar, but says that it is empty', () => {
  const svg = draw(distribution([10, 0, 40]));
  assert.equal(heightsOf(svg).length, 2);
  assert.match(svg, /0\.3333 to 0\.6667: 0 of 50 values \(0 %\)/);
});

describe('the axis of counts is logarithmic', () => {
  const cases: [what: string, counts: number[], isLog: boolean][] = [
    ['where one bar dwarfs the rest', [38_000_000, 150_000, 120_000, 90_000], true],
    ['where most bars would be too low to see', [9_000, 10_000, 40, 30, 20, 10], true],
    ['not where bars are alike', [900, 1_000, 800], false],
    ['not where one bar is all there is', [1_000, 0, 0], false],
    ['not for a handful of values', [90, 1, 1], false],
  ];
  for (const [what, counts, isLog] of cases) {
    test(what, () => {
      const svg = draw(distribution(counts));
      assert.equal(svg.includes('counts on a logarithmic axis'), isLog);
    });
  }

  test('and a count of 1 has a bar on it, each decade as high as the next', () => {
    const [million, thousand, one] = heightsOf(draw(distribution([1_000_000, 1_000, 1])));
    assert.ok(one > 2);
    assert.ok(Math.abs(million - thousand - (thousand - one)) < 0.5);
  });

  test('in all plots of a picture, when one of them needs it', () => {
    const even = distribution([900, 1000]);
    const alone = heightsOf(draw(even));
    const beside = heightsOf(draw(even, distribution([1e6, 10])));
    assert.notEqual(alone[0] / alone[1], beside[0] / beside[1]);
  });
});

test('a picture is named and told in words', () => {
  const svg = draw(distribution([1, 2]), distribution([2, 1], { title: 'minmax', isInput: false }));
  const [, ids] = /role="img" aria-labelledby="([^"]+)"/.exec(svg) ?? [];
  for (const id of ids.split(' ')) assert.ok(svg.includes(`id="${id}"`), id);
  assert.match(svg, /<title id="norma-title">Title<\/title>/);
  assert.match(svg, /<desc id="norma-desc">input [^<]*minmax \(as it came\): from 0 to 1, mean 0\.5, /);
  assert.match(svg, /@media \(prefers-color-scheme:dark\)/);
});

test('what has no histogram or no result says why', () => {
  const none = distribution([1], { histogram: undefined });
  const missing = { title: 'power', subtitle: 'box-cox', reason: `Box-Cox takes positive values. ${'x'.repeat(500)}` };
  const svg = drawPicture({ title: 'Title', subtitle: '', panels: [none, missing] });
  assert.match(svg, /No histogram: the values have no finite range/);
  assert.match(svg, /Box-Cox takes positive values\./);
});

test('whatever is put into markup, it stays text', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(
      fc.oneof(hostile, fc.constant('</svg><script>alert("1")</script>'), fc.constant('\u0000\ud800')),
      (text) => {
        const { markup: written } = markup`<a b="${text}">${[text]}</a>`;
        assert.match(written, /^<a b="[^<>"]*">[^<>]*<\/a>$/u);
        assert.ok(written.isWellFormed());
        const allowed = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
        assert.match(written, allowed);
      },
    ),
  );
});

test('markup within markup stays as it is', () => {
  assert.equal(markup`<p>${[markup`<b>${'&'}</b>`, 'x', 1]}</p>`.markup, '<p><b>&amp;</b>x1</p>');
});

test('numbers are for people', () => {
  const numbers: [number, string][] = [
    [0, '0'],
    [-0.42407389, '−0.4241'],
    [47_040_000, '47,040,000'],
    [1.5e-17, '1.5e−17'],
    [123_456_789_012, '1.235e11'],
    [Number.NaN, '–'],
    [-Infinity, '−∞'],
  ];
  for (const [value, text] of numbers) assert.equal(readable(value), text);
  assert.deepEqual([0, 1e-6, 0.808798, 0.99999, 1].map(percent), ['0 %', '< 0.1 %', '80.9 %', '> 99.9 %', '100 %']);
});
