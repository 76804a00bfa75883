// Pictures of every page in every state, wide and narrow, light and dark, for looking at: node screenshots.mjs OUTDIR
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium } from '@playwright/test';

import { launch, listenForIslands, showIn } from './support/browser.mjs';
import { Office, ROLES, signInQuietly } from './support/people.mjs';
import { SCENES } from './support/scenes.mjs';
import { start } from './support/server.mjs';

const folder = process.argv[2];
if (!folder) {
  console.error('Say where the pictures are to go: node screenshots.mjs OUTDIR [NAME…]');
  process.exit(2);
}
const wanted = process.argv.slice(3);
const server = await start({ demo: true });
const browser = await chromium.launch(launch());
let failed = 0;
try {
  await mkdir(folder, { recursive: true });
  const desk = await browser.newContext({ baseURL: server.url });
  await signInQuietly(desk.request, ROLES.admin.email);
  const office = new Office(desk.request);
  for (const { name, as, open, widths = [1440, 390] } of SCENES) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const context = await browser.newContext({
      baseURL: server.url,
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      timezoneId: 'Europe/Lisbon',
      reducedMotion: 'reduce',
    });
    try {
      await listenForIslands(context);
      const page = await context.newPage();
      if (typeof as === 'string') await signInQuietly(context.request, ROLES[as].email);
      else if (as) page.who = await office.person(context.request, as);
      await open(page, office);
      await page.evaluate(() => document.fonts.ready);
      for (const width of widths) {
        await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
        for (const colorScheme of ['light', 'dark']) {
          await showIn(page, colorScheme);
          await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        }
      }
    } catch (error) {
      failed += 1;
      console.error(`${name}: ${error.message}`);
    } finally {
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
process.exitCode = failed > 0 ? 1 : 0;
