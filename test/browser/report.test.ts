/** The report of /v1/compare in a browser, under its own policy. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { seeded } from '../seeded.ts';
import { type Service, startService } from '../service.ts';
import { complaintsOf, openBrowser, screenshot, withoutBrowser } from './browser.ts';

const random = seeded(4);
const data = Array.from({ length: 500 }, () => [
  random() < 0.8 ? 0 : random() * 255,
  Math.exp(3 * random()),
  -random(),
]);
const normalizers = [
  { method: 'minmax', axis: null },
  { method: 'zscore' },
  { method: 'norm' },
  { method: 'power', power_method: 'box-cox' },
  { method: 'quantile', output_distribution: 'normal' },
];

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };

describe('the report', { skip: withoutBrowser }, () => {
  let service: Service;
  let browser: Browser;
  before(async () => {
    service = await startService();
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await service.close();
  });

  for (const [name, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`shows itself without complaint, ${name}, ${colorScheme}`, async () => {
        const page = await browser.newPage({ viewport, colorScheme });
        const complaints = complaintsOf(page);
        const report = `${service.url}/report`;
        // A browser's address bar only gets: the page is posted for and comes with the headers that it has.
        await page.route(report, async (route) => {
          const response = await fetch(`${service.url}/v1/compare`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', accept: 'text/html' },
            body: JSON.stringify({ data, normalizers }),
          });
          const headers = Object.fromEntries(response.headers);
          delete headers['content-encoding'];
          await route.fulfill({ status: response.status, headers, body: await response.text() });
        });
        await page.goto(report);
        assert.equal(await page.locator('figure svg').count(), normalizers.length + 1);
        // Its own style counts, so the policy lets it.
        const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        assert.equal(background, colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 24, 29)');
        const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        assert.ok(Number(overflow) <= 0, `the page is ${overflow} pixels too wide`);
        await page.screenshot({ path: screenshot(`report-${name}-${colorScheme}`), fullPage: true });
        assert.deepEqual(complaints, []);
        await page.close();
      });
    }
  }

  test('a picture is well-formed XML whose bars tell their counts', async () => {
    const answer = await service.post('/v1/compare', { data, normalizers }, { accept: 'image/svg+xml' });
    const page = await browser.newPage();
    const complaints = complaintsOf(page);
    await page.route(`${service.url}/picture`, (route) =>
      route.fulfill({ contentType: 'image/svg+xml', body: Buffer.from(answer.body) }),
    );
    await page.goto(`${service.url}/picture`);
    assert.equal(await page.locator('parsererror').count(), 0);
    const told = await page.locator('.bin title').first().textContent();
    assert.match(told ?? '', / of 1,500 values \(/);
    await page.screenshot({ path: screenshot('picture') });
    assert.deepEqual(complaints, []);
  });
});
