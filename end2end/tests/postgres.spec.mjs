// The same house on PostgreSQL, from end to end.
import { database } from '../support/database.mjs';
import { PASSWORD, ROLES, signIn } from '../support/people.mjs';
import { start } from '../support/server.mjs';
import { expect, test } from '../support/test.mjs';
import { totp, totpBefore } from '../support/totp.mjs';

test('people come in and work on PostgreSQL', async ({ visitor }) => {
  const { url, drop } = await database();
  try {
    const server = await start({ demo: true, databaseUrl: url });
    try {
      const at = server.url;
      const admin = await visitor({ at });
      await signIn(admin, ROLES.admin.email);
      await expect(admin).toHaveURL('/');
      await admin.goto('/people');
      await expect(admin.getByRole('rowheader')).toHaveCount(50);
      await admin.getByRole('link', { name: 'Next' }).click();
      await expect(admin.getByRole('rowheader')).toHaveCount(10);
      await admin.goto('/people?q=PÉREZ');
      await expect(admin.locator('.row-link')).toHaveText('Ana Pérez Villalobos');

      await admin.goto('/people/invite');
      await admin.getByLabel('Name', { exact: true }).fill('Posy Gressel');
      await admin.getByLabel('Email address').fill('posy@example.org');
      await admin.getByRole('button', { name: 'Make the invitation' }).click();
      const link = await admin.getByLabel('One-time link').inputValue();
      const guest = await visitor({ at, js: false });
      await guest.goto(link);
      await guest.getByLabel('Choose a password', { exact: true }).fill(PASSWORD);
      await guest.getByRole('button', { name: 'Join' }).click();
      await expect(guest.getByRole('heading', { level: 1 })).toContainText('Posy');
      expect((await (await visitor({ at })).goto(link)).status()).toBe(410);

      await admin.goto('/projects?q=INTAKE');
      await admin.locator('.row-link').click();
      await admin.getByLabel('Email address').fill('posy@example.org');
      await admin.getByRole('button', { name: 'Add' }).click();
      await expect(admin.getByText('posy@example.org is on the project.')).toBeVisible();
      await guest.goto('/projects');
      await expect(guest.locator('.row-link')).toHaveText('Document intake');

      await guest.goto('/profile/security');
      await guest.getByRole('button', { name: 'Set it up' }).click();
      const secret = await guest.getByLabel('Key for your authenticator app').inputValue();
      await guest.getByLabel('Code from the app').fill(await totpBefore(secret));
      await guest.getByRole('button', { name: 'Turn on' }).click();
      await expect(guest.locator('.codes li')).toHaveCount(10);
      const again = await visitor({ at });
      await signIn(again, 'posy@example.org');
      await again.getByLabel('Code').fill(totp(secret));
      await again.getByRole('button', { name: 'Go on' }).click();
      await expect(again).toHaveURL('/');
      await guest.goto('/profile/security');
      await guest.getByRole('button', { name: 'Sign out all others' }).click();
      await expect(guest.getByText('One session', { exact: true })).toBeVisible();

      await admin.goto('/audit?action=two-step.enabled');
      await expect(admin.locator('.audit-line').first()).toContainText('Posy Gressel');
      const log = await (await admin.request.get('/audit/export.jsonl')).text();
      expect(log.trim().split('\n').map((line) => JSON.parse(line).seq).every((seq, n) => seq === n + 1)).toBe(true);
    } finally {
      await server.stop();
    }
  } finally {
    await drop();
  }
});
