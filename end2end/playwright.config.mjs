import { defineConfig } from '@playwright/test';

import { launch } from './support/browser.mjs';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results',
  fullyParallel: true,
  workers: 2,
  // Once more on a machine that is busy with other things; what needed it is named, and what fails twice has failed.
  retries: process.env.CI ? 1 : 0,
  // Two browsers and two servers share two cores, and sometimes a compiler besides.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    launchOptions: launch(),
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/Lisbon',
    // Nothing may be judged while it still moves.
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    trace: 'retain-on-failure',
  },
});
