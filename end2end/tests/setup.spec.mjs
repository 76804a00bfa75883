// The first minute of a new installation.
import { awake, expect, test } from '../support/test.mjs';
import { PASSWORD } from '../support/people.mjs';
import { start } from '../support/server.mjs';

for (const js of [true, false]) {
  test(`the first admin is set up by the printed link ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const server = await start({ demo: false });
    try {
      const [, link] = await server.said(/works once, for a day:\s+(\S+)/);
      expect(link).toContain(server.url);
      const page = await visitor({ js, at: server.url });
      await page.goto(link);
      if (js) {
        await awake(page);
        // Nobody knows the time zone better than the browser.
        await expect(page.getByLabel('Time zone')).toHaveValue('Europe/Lisbon');
      }
      await page.getByLabel('Your name').fill('Grace Adeyemi');
      await page.getByLabel('Email address').fill('Grace@Example.org');
      await page.getByLabel('Time zone').selectOption('Africa/Lagos');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Begin' }).click();
      await expect(page).toHaveURL('/');
      await expect(page.getByRole('heading', { level: 1 })).toContainText('Grace');
      await page.goto('/people');
      await expect(page.getByRole('rowheader')).toHaveCount(1);
      await expect(page.getByRole('rowheader')).toContainText('grace@example.org');

      const late = await visitor({ js, at: server.url });
      expect((await late.goto(link)).status()).toBe(410);
      await expect(late.getByRole('heading', { level: 1 })).toHaveText('This link no longer works');
    } finally {
      await server.stop();
    }
  });
}

test('a link that nobody printed opens nothing', async ({ visitor }) => {
  const server = await start({ demo: false });
  try {
    const page = await visitor({ at: server.url });
    await page.goto('/');
    await expect(page).toHaveURL(/\/sign-in/);
    const answer = await page.goto('/set-up/not-a-secret');
    expect(answer.status()).toBe(404);
  } finally {
    await server.stop();
  }
});
