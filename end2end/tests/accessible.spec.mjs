// What axe finds on every page in every state worth looking at: nothing, wide and narrow, light and dark.
import { expectAccessible } from '../support/axe.mjs';
import { SCENES } from '../support/scenes.mjs';
import { start } from '../support/server.mjs';
import { expect, test } from '../support/test.mjs';

for (const { name, as, widths, open } of SCENES) {
  test(name, async ({ visitor, office }) => {
    const page = await visitor({ as });
    await open(page, office);
    await expectAccessible(page, { widths });
  });
}

test('the page to ask for a link, where mail is sent', async ({ visitor }) => {
  const server = await start({ demo: false, args: ['--smtp-url', 'smtp://127.0.0.1:1', '--smtp-from', 'desk@example.com'] });
  try {
    const page = await visitor({ at: server.url });
    await page.goto('/forgot');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await expect(page.locator('#email-error')).not.toHaveText('');
    await expectAccessible(page);
    // Whether there is such an account, nobody hears; and a mail that cannot be sent is no fault of whoever asks.
    await page.getByLabel('Email address').fill('nobody@example.com');
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await expect(page.getByText('If there is such an account, a link is on its way.')).toBeVisible();
  } finally {
    await server.stop();
  }
});

test('set-up', async ({ visitor }) => {
  const server = await start({ demo: false });
  try {
    const [, link] = await server.said(/works once, for a day:\s+(\S+)/);
    const page = await visitor({ at: server.url });
    await page.goto(link);
    await expectAccessible(page);
  } finally {
    await server.stop();
  }
});
