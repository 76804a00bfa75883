import { test as base } from '@playwright/test';

import { listenForIslands, watch } from './browser.mjs';
import { Office, ROLES, signInQuietly } from './people.mjs';
import { start } from './server.mjs';

export { awake } from './browser.mjs';
export { expect } from '@playwright/test';

/** What a context is made with when a test does not say. */
const CONTEXT = {
  viewport: { width: 1440, height: 900 },
  locale: 'en-GB',
  timezoneId: 'Europe/Lisbon',
  reducedMotion: 'reduce',
};

export const test = base.extend({
  /** The worker's own server, with the demo in it. */
  house: [
    async ({}, use) => {
      const server = await start({ demo: true });
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  /** An admin who makes what tests need. */
  office: [
    async ({ house, playwright }, use) => {
      const request = await playwright.request.newContext({ baseURL: house.url });
      await signInQuietly(request, ROLES.admin.email);
      await use(new Office(request));
      await request.dispose();
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ house }, use) => use(house.url),

  /** Fails the test for what must never happen, in any browser context it opened or in the server. */
  troubles: [
    async ({ house }, use) => {
      const troubles = [];
      const before = house.troubles().length;
      await use((line) => troubles.push(line));
      const all = [...troubles, ...house.troubles().slice(before).map((line) => `server: ${line}`)];
      if (all.length > 0) throw new Error(`This must not happen:\n  ${all.join('\n  ')}`);
    },
    { auto: true },
  ],

  context: async ({ context, troubles }, use) => {
    watch(context, troubles);
    await listenForIslands(context);
    await use(context);
  },

  /**
   * Opens the browser of one more person. `as` is a role of the demo or `{ name, roles }` of somebody new; nobody is
   * signed in without it. Answers the page; `page.who` says who it is.
   */
  visitor: async ({ browser, house, office, troubles }, use) => {
    const contexts = [];
    await use(async ({ as, js = true, at = house.url, ...options } = {}) => {
      const context = await browser.newContext({ ...CONTEXT, baseURL: at, javaScriptEnabled: js, ...options });
      contexts.push(context);
      watch(context, troubles);
      await listenForIslands(context);
      const page = await context.newPage();
      if (typeof as === 'string') {
        await signInQuietly(context.request, ROLES[as].email);
        page.who = ROLES[as];
      } else if (as) {
        page.who = await office.person(context.request, as);
      }
      return page;
    });
    for (const context of contexts) await context.close();
  },
});
