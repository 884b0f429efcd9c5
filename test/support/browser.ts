/** Opens Debian's chromium for tests, without a network of its own. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Why browser tests cannot run here, or false where they can. */
export const noBrowser: string | false = existsSync(CHROMIUM)
  ? false
  : `${CHROMIUM} is not installed (apt-get install chromium)`;

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Opens a page at 1200 and 400 pixels: it fits, complains of nothing and asks no network; then what a test looks for. */
export async function atBothWidths(file: string, look: (page: Page) => Promise<void>): Promise<void> {
  const browser = await openBrowser();
  try {
    for (const width of [1200, 400]) {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (m) => complaints.push(m.text()));
      page.on('pageerror', (e) => complaints.push(e.message));
      page.on('request', (r) => requests.push(r.url()));
      await page.goto(pathToFileURL(file).href);
      const wide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      assert.equal(await page.evaluate(wide), 0, `${width} pixels`);
      assert.deepEqual(complaints, []);
      assert.deepEqual(
        requests.filter((url) => !/^(file|data):/.test(url)),
        [],
      );
      await look(page);
    }
  } finally {
    await browser.close();
  }
}
