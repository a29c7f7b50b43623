/** Swagger UI at /docs, used as a newcomer does: open an operation, Try it out, Execute. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Service, startService } from '../service.ts';
import { complaintsOf, openBrowser, screenshot, withoutBrowser as skip } from './browser.ts';

interface Document {
  paths: Record<string, Record<string, { operationId: string; tags: string[] }>>;
  components: { schemas: Record<string, any> };
}

const document = JSON.parse(readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')) as Document;

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, tags }]) => ({
    title: `${method.toUpperCase()} ${path}`,
    tag: tags[0],
    id: `operations-${tags[0]}-${operationId}`,
  })),
);

let service: Service;
let browser: Browser;
let page: Page;
let complaints: string[];

before(async () => {
  if (skip) return;
  service = await startService();
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  complaints = complaintsOf(page);
  await page.goto(`${service.url}/docs`);
  await page.waitForSelector('.opblock');
  await page.screenshot({ path: screenshot('docs') });
});
after(async () => {
  if (skip) return;
  await browser.close();
  await service.close();
});

/** Clicks without looking whether a mouse could: the page is long, and to scroll it takes longer than all the rest. */
async function press(operation: Locator, button: string): Promise<void> {
  await operation.locator(button).evaluate((element: { click(): void }) => element.click());
}

/** Opens an operation and makes its form ready. */
async function open(operation: Locator): Promise<void> {
  await press(operation, '.opblock-summary-control');
  await press(operation, '.try-out__btn');
}

/** Leaves an operation as it was. */
async function close(operation: Locator): Promise<void> {
  await press(operation, '.try-out__btn.cancel');
  await press(operation, '.opblock-summary-control');
}

/** Executes an operation that is open, and gives the status of its answer. */
async function execute(operation: Locator): Promise<number> {
  await press(operation, '.execute');
  const status = operation.locator('.live-responses-table .response-col_status').last();
  await status.waitFor({ timeout: 30_000 });
  await operation.locator('.loading-container').waitFor({ state: 'detached' });
  return Number.parseInt(await status.innerText(), 10);
}

test('it lists every operation', { skip }, async () => {
  assert.equal(await page.locator('.opblock').count(), operations.length);
});

/** One of each kind here, and all of them in CI: the answers to the examples are compared in openapi.test.ts. */
const tried = process.env.NORMA_CI_STRICT
  ? operations
  : operations.filter(({ tag }, at) => operations.findIndex((one) => one.tag === tag) === at);

for (const { title, id } of tried) {
  test(`${title} succeeds with its example`, { skip }, async () => {
    const operation = page.locator(`[id="${id}"]`);
    await open(operation);
    const status = await execute(operation);
    const told = await operation.locator('.live-responses-table').innerText();
    assert.ok(status >= 200 && status < 300, told);
    await close(operation);
    assert.deepEqual(complaints, []);
  });
}

test('plots are pictures and the report is a page', { skip }, async () => {
  const operation = page.locator('#operations-data-compare');
  await open(operation);
  const accept = operation.locator('.response .content-type').first();
  await accept.selectOption('image/svg+xml');
  assert.equal(await execute(operation), 200);
  const picture = operation.locator('.norma-shown img');
  await picture.waitFor();
  assert.ok(await picture.evaluate((image: { naturalWidth: number }) => image.naturalWidth > 300));
  await operation.screenshot({ path: screenshot('docs-plots') });
  await accept.selectOption('text/html');
  assert.equal(await execute(operation), 200);
  await operation.frameLocator('.norma-shown iframe').locator('h1').waitFor();
  await operation.screenshot({ path: screenshot('docs-report') });
  await close(operation);
  assert.deepEqual(complaints, []);
});

test('binary bodies are chosen as files', { skip }, async () => {
  const operation = page.locator('#operations-data-describe');
  // With the mouse, as people do.
  await operation.locator('.opblock-summary-control').click();
  await operation.locator('.try-out__btn').click();
  const type = operation.locator('.opblock-section-request-body .content-type').first();
  for (const media of ['application/x-npy', 'application/octet-stream']) {
    await type.selectOption(media);
    await operation.locator('.opblock-section-request-body input[type=file]').waitFor();
  }
  await close(operation);
});

test('every method is a schema with its options, defaults and ranges', { skip }, async () => {
  const { methods } = (await (await fetch(`${service.url}/v1/methods`)).json()) as { methods: { method: string }[] };
  const schemas = Object.values(document.components.schemas);
  for (const { method } of methods) {
    const schema = schemas.find(({ properties }) => properties?.method?.const === method);
    assert.ok(schema, `${method} has no schema`);
    assert.ok(schema.title && schema.description);
  }
  await page.locator('.models').scrollIntoViewIfNeeded();
  await page.locator('.models').screenshot({ path: screenshot('docs-schemas') });
});
