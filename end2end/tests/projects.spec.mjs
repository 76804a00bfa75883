// A project from its making to somebody working on it.
import { Office } from '../support/people.mjs';
import { expect, test } from '../support/test.mjs';

for (const js of [true, false]) {
  test(`a project is made, changed and staffed ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const code = Office.fresh('pr-');
    const annotator = await visitor({ js, as: { name: 'Member To Be' } });
    await annotator.goto('/projects');
    await expect(annotator.getByRole('heading', { name: 'No projects yet' })).toBeVisible();

    const admin = await visitor({ js, as: 'admin' });
    await admin.goto('/projects');
    await admin.getByRole('link', { name: 'New project' }).click();
    await admin.getByLabel('Name', { exact: true }).fill('Tax forms, second round');
    await admin.getByLabel('Code').fill(code);
    await admin.getByLabel('Client').fill('Østbanken');
    await admin.getByLabel('Currency').selectOption('JPY');
    await admin.getByRole('button', { name: 'Make the project' }).click();
    await expect(admin.getByText(`${code.toUpperCase()} is made.`)).toBeVisible();
    await expect(admin.getByRole('heading', { name: 'Nobody works on this yet' })).toBeVisible();
    await expect(admin.getByRole('main')).toContainText('JPY');

    await admin.getByRole('link', { name: 'Edit' }).click();
    await admin.getByLabel('Name', { exact: true }).fill('Tax forms, third round');
    await admin.getByLabel('Status').selectOption({ label: 'Paused' });
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByRole('heading', { level: 1 })).toContainText('Tax forms, third round');
    await expect(admin.getByRole('heading', { level: 1 })).toContainText('Paused');

    await admin.getByLabel('Email address').fill('nobody-here@example.org');
    await admin.getByRole('button', { name: 'Add' }).click();
    await expect(admin.locator('#email-error')).not.toHaveText('');
    await expect(admin.getByLabel('Email address')).toHaveValue('nobody-here@example.org');
    await admin.getByLabel('Email address').fill(annotator.who.email);
    await admin.getByRole('button', { name: 'Add' }).click();
    const members = admin.getByRole('table', { name: 'Members' });
    await expect(members.getByRole('row').filter({ hasText: annotator.who.email })).toContainText('Annotator');

    await annotator.goto('/projects');
    await annotator.getByRole('link', { name: 'Tax forms, third round' }).click();
    await expect(annotator.getByRole('heading', { level: 1 })).toContainText('Tax forms, third round');
    await expect(annotator.getByRole('link', { name: 'Edit' })).toHaveCount(0);
    await expect(annotator.getByRole('button', { name: /Remove/ })).toHaveCount(0);
    await annotator.goto('/');
    await expect(annotator.getByRole('link', { name: 'Tax forms, third round' })).toBeVisible();

    await admin.getByRole('button', { name: `Remove Member To Be from ${code.toUpperCase()}` }).click();
    await expect(admin.getByText('Removed from the project.')).toBeVisible();
    const path = new URL(admin.url()).pathname;
    expect((await annotator.goto(path)).status()).toBe(404);
  });
}

test('of two people who change a project at once, the second is told', async ({ visitor, office }) => {
  const project = await office.project();
  const first = await visitor({ as: 'admin' });
  const second = await visitor({ as: 'admin' });
  for (const page of [first, second]) await page.goto(`${project.path}/edit`);
  await first.getByLabel('Name', { exact: true }).fill('The first to save');
  await first.getByRole('button', { name: 'Save' }).click();
  await expect(first.getByRole('heading', { level: 1 })).toContainText('The first to save');
  await second.getByLabel('Name', { exact: true }).fill('Too late');
  const [answer] = await Promise.all([
    second.waitForResponse((response) => response.request().method() === 'POST'),
    second.getByRole('button', { name: 'Save' }).click(),
  ]);
  expect(answer.status()).toBe(409);
  await expect(second.getByRole('alert')).toBeVisible();
  // Nothing typed is lost.
  await expect(second.getByLabel('Name', { exact: true })).toHaveValue('Too late');
});

test('a code that is taken is refused beside its field', async ({ visitor, office }) => {
  const project = await office.project();
  const page = await visitor({ as: 'admin' });
  await page.goto('/projects/new');
  await page.getByLabel('Name', { exact: true }).fill('Again');
  await page.getByLabel('Code').fill(project.code.toLowerCase());
  await page.getByLabel('Client').fill('Again');
  await page.getByRole('button', { name: 'Make the project' }).click();
  await expect(page.locator('#code-error')).not.toHaveText('');
});
