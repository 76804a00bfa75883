// A definition on its way: written, refused, planned, applied, compared.
import { expect, test } from '../support/test.mjs';

for (const js of [true, false]) {
  test(`a definition is applied once it is right ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const admin = await visitor({ js, as: 'admin' });
    const name = `greet-${js ? 'a' : 'b'}`;
    const source = (words) => `name: ${name}\ntitle: Greeting\nsteps:\n  say:\n    rule:\n      set:\n        words: ${words}\n`;
    await admin.goto('/workflows');
    await admin.getByRole('link', { name: 'Apply a definition' }).click();
    const field = admin.getByLabel('or write it here');
    const look = admin.getByRole('button', { name: 'See what changes' });

    // A text that is not quoted is a name that means nothing; what was written stays.
    await field.fill(source('hello'));
    await look.click();
    await expect(admin.getByRole('alert')).toContainText('Line 7, column 16: “hello” means nothing here.');
    await expect(field).toHaveValue(source('hello'));

    await field.fill(source(`'"hello"'`));
    await look.click();
    await expect(admin.getByText('It begins with version 1.')).toBeVisible();
    await admin.getByRole('button', { name: 'Apply version 1' }).click();
    await expect(admin).toHaveURL(`/workflows/${name}`);
    await expect(admin.getByText('Version 1 of Greeting is applied.')).toBeVisible();
    await expect(admin.getByRole('img', { name: /1 steps/ })).toBeVisible();

    await admin.getByRole('link', { name: 'New version' }).click();
    await expect(field).toHaveValue(source(`'"hello"'`));
    await field.fill(source(`'"good day"'`));
    await look.click();
    await expect(admin.locator('.difference ins')).toContainText(`+        words: '"good day"'`);
    await admin.getByRole('button', { name: 'Apply version 2' }).click();
    await expect(admin.getByRole('heading', { name: 'Different from version 1' })).toBeVisible();
    await admin.getByRole('link', { name: 'Version 1', exact: true }).click();
    await expect(admin.getByText('Older version')).toBeVisible();
    await expect(admin.locator('pre.code').last()).toContainText('"hello"');

    // Saying the same again is no third version.
    await admin.getByRole('link', { name: 'New version' }).click();
    await look.click();
    await expect(admin.getByText('says this already')).toBeVisible();
    await expect(admin.getByRole('button', { name: /Apply version/ })).toHaveCount(0);
  });
}
