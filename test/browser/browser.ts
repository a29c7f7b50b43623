import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

const args = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** Why these tests are skipped here, or false; under NORMA_CI_STRICT they run and fail instead. */
export const withoutBrowser =
  !process.env.NORMA_CI_STRICT && !existsSync(executablePath) && 'chromium is not installed';

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args });
}

/** Everything that a page complains of, as it comes. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

/** Where pictures of the pages are kept, for whoever wants to look at them. */
export function screenshot(name: string): string {
  return new URL(`../../screenshots/${name}.png`, import.meta.url).pathname;
}
