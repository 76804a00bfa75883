import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';

import { showIn } from './browser.mjs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/**
 * From now on the page is loaded as if it had no scripts. Where they are off altogether axe cannot run either, as it is one: so
 * they are taken out of what the server sends.
 */
export async function takeScriptsOut(page) {
  await page.route('**/*', async (route) => {
    if (!route.request().isNavigationRequest()) return route.continue();
    const response = await route.fetch({ maxRedirects: 0 });
    const body = (await response.text()).replace(/<script\b.*?<\/script>|<link rel="modulepreload"[^>]*>/gs, '');
    return route.fulfill({ response, body });
  });
}

/** What axe finds, in lines that say where to look. */
export async function findings(page) {
  // The page has no frames, so it needs no second page to gather what was found in them.
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
  return violations.flatMap((rule) =>
    rule.nodes.map((node) => {
      const why = [...node.any, ...node.all, ...node.none].map((check) => check.message).join(' ');
      return `${rule.id} at ${node.target.join(' ')}: ${why}`;
    }),
  );
}

/** Whatever makes the page wider than its window. */
async function tooWide(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    const room = root.clientWidth;
    if (root.scrollWidth <= room) return [];
    const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > room + 1);
    const names = wide.slice(0, 4).map((one) => `${one.tagName.toLowerCase()}.${one.className}`);
    return [`the page is ${root.scrollWidth} px wide at ${room} px: ${names.join(', ')}`];
  });
}

/** Looks at the page as it stands: wide and narrow, light and dark. The page is not loaded again for it. */
export async function expectAccessible(page, { widths = [1440, 390] } = {}) {
  const found = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    if (width < 500) found.push(...(await tooWide(page)).map((line) => `${width}: ${line}`));
    for (const colorScheme of ['light', 'dark']) {
      await showIn(page, colorScheme);
      found.push(...(await findings(page)).map((line) => `${width} ${colorScheme}: ${line}`));
    }
  }
  expect.soft(found).toEqual([]);
}
