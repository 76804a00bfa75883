// The page stands still while it loads, and fits a phone.
import { awake, expect, test } from '../support/test.mjs';

/** Sends everything at some 60 kB/s: rows of a table arrive one after the other. */
async function slowLine(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 100,
    downloadThroughput: 60_000,
    uploadThroughput: 60_000,
  });
}

/** Loads a page with late fonts and scripts, and answers how much it moved while it did. */
async function shift(page, path) {
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const where = entry.sources.map((source) => source.node?.className || source.node?.nodeName).join(' ');
        window.shifts.push({ value: entry.value, where });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  // Late fonts and late scripts are what moves pages.
  await page.route(/\.(woff2|wasm)$/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    await route.continue();
  });
  await page.goto(path);
  await awake(page);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
  const shifts = await page.evaluate(() => window.shifts);
  return { sum: shifts.reduce((sum, one) => sum + one.value, 0), shifts };
}

for (const width of [1440, 390]) {
  for (const [path, as] of [['/sign-in'], ['/people', 'admin'], ['/', 'manager'], ['/profile/security', 'annotator']]) {
    test(`nothing moves while ${path} loads at ${width} px`, async ({ visitor }) => {
      const page = await visitor({ as, viewport: { width, height: 900 } });
      const { sum, shifts } = await shift(page, path);
      expect(sum, JSON.stringify(shifts)).toBeLessThan(0.02);
    });
  }
}

test('nothing moves where one comes by a link, nor on the pages of one thing', async ({ visitor, office }) => {
  const { link, id } = await office.invite({ name: 'Awaited Person' });
  const project = await office.project();
  for (const [as, paths] of [[undefined, [link, '/nowhere']], ['admin', [`/people/${id}`, project.path, `${project.path}/edit`, '/profile', '/profile/tokens', '/people/invite']]]) {
    for (const path of paths) {
      const page = await visitor({ as });
      const { sum, shifts } = await shift(page, path);
      expect(sum, `${path} ${JSON.stringify(shifts)}`).toBeLessThan(0.02);
      await page.close();
    }
  }
});

for (const path of ['/people', '/audit', '/projects', '/workflows', '/runs']) {
  test(`nothing moves while ${path} arrives over a slow line`, async ({ visitor }) => {
    const page = await visitor({ as: 'admin' });
    await slowLine(page);
    const { sum, shifts } = await shift(page, path);
    expect(sum, JSON.stringify(shifts)).toBe(0);
  });
}

for (const js of [true, false]) {
  test(`on a phone the drawer opens, leads on and closes ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const page = await visitor({ js, as: 'manager', viewport: { width: 390, height: 800 }, hasTouch: true });
    await page.goto('/');
    const drawer = page.getByRole('navigation', { name: 'Main' });
    await expect(drawer).toBeHidden();
    await page.getByRole('button', { name: 'Open menu' }).tap();
    await expect(drawer).toBeVisible();
    await page.getByRole('button', { name: 'Close menu' }).tap();
    await expect(drawer).toBeHidden();
    await page.getByRole('button', { name: 'Open menu' }).tap();
    await drawer.getByRole('link', { name: 'People' }).tap();
    await expect(page).toHaveURL('/people');
    await expect(drawer).toBeHidden();
    await page.getByRole('button', { name: 'Open menu' }).tap();
    await page.getByRole('button', { name: /Mara Lindqvist/ }).tap();
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeInViewport({ ratio: 1 });
  });
}

test('what can be touched on a phone is large enough for a finger', async ({ visitor }) => {
  const page = await visitor({ as: 'admin', viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
  for (const path of ['/people', '/people/invite', '/projects', '/profile/security', '/audit']) {
    await page.goto(path);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('main button, main .button, main input:not([type=hidden]), main select, .topbar button')]
        .filter((one) => one.checkVisibility() && !one.closest('label.choice'))
        .map((one) => [one.getBoundingClientRect(), one])
        .filter(([box]) => box.height < 24 || box.width < 24)
        .map(([box, one]) => `${one.outerHTML.slice(0, 80)} ${Math.round(box.width)}×${Math.round(box.height)}`),
    );
    expect(small, path).toEqual([]);
  }
});
