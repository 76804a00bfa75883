// The log says what was done, and can be narrowed down and taken away.
import { readFile } from 'node:fs/promises';

import { expect, test } from '../support/test.mjs';

async function download(page, name) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

for (const js of [true, false]) {
  test(`what was done is in the log ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, office }) => {
    const project = await office.project({ name: 'Logged project' });
    const { code } = project;
    const manager = await visitor({ js, as: 'manager' });
    await manager.goto(project.path);
    await manager.getByLabel('Email address').fill('ravi@example.com');
    await manager.getByLabel('Role here').selectOption('reviewer');
    await manager.getByRole('button', { name: 'Add' }).click();
    await expect(manager.getByText('is on the project.')).toBeVisible();

    await manager.goto('/audit');
    const lines = manager.locator('.audit-line');
    await expect(lines.filter({ hasText: code }).first()).toContainText('Mara Lindqvist');
    await manager.getByLabel('Action').selectOption('project.member-set');
    await manager.getByLabel('Person').fill('mara@example.com');
    await manager.getByRole('button', { name: 'Filter' }).click();
    await expect(manager).toHaveURL(/action=project\.member-set/);
    await expect(manager.getByLabel('Action')).toHaveValue('project.member-set');
    const first = lines.first();
    await expect(first).toContainText(code);
    await expect(lines.locator('.verb').filter({ hasNotText: 'project.member-set' })).toHaveCount(0);

    await first.locator('summary').click();
    await expect(first.locator('.audit-detail')).toContainText('reviewer');
    await first.getByRole('link', { name: code }).click();
    await expect(manager).toHaveURL(project.path);
  });
}

test('a filter that nothing fits says so, and leads back', async ({ visitor }) => {
  const page = await visitor({ as: 'manager' });
  await page.goto('/audit?until=2001-01-01');
  await expect(page.getByRole('heading', { name: 'No line fits this filter' })).toBeVisible();
  await page.getByRole('link', { name: 'Show everything' }).click();
  await expect(page.locator('.audit-line').first()).toBeVisible();
});

test('an address of nobody is answered in words', async ({ visitor }) => {
  const page = await visitor({ as: 'manager' });
  const answer = await page.goto('/audit?who=nobody-here@example.org');
  expect(answer.status()).toBe(200);
  await expect(page.getByRole('heading', { name: 'No line fits this filter' })).toBeVisible();
  await page.goto('/audit?who=mara');
  // Half an address must not quietly show everybody's lines.
  const names = await page.locator('.audit-line .what > b:first-child').allInnerTexts();
  expect(names.filter((name) => !/mara/i.test(name))).toEqual([]);
});

test('the log pages through to its first line', async ({ visitor }) => {
  const page = await visitor({ as: 'manager' });
  await page.goto('/audit');
  await page.getByRole('link', { name: 'Next' }).click();
  await expect(page).toHaveURL(/before=/);
  await expect(page.locator('.audit-line').first()).toBeVisible();
  await page.getByRole('link', { name: 'First page' }).click();
  await expect(page).not.toHaveURL(/before=/);
});

test('the log is exported as CSV and as JSON lines', async ({ visitor }) => {
  const page = await visitor({ as: 'admin' });
  await page.goto('/audit');
  const csv = await download(page, 'CSV');
  expect(csv.name).toBe('audit.csv');
  const rows = csv.text.trim().split(/\r?\n/);
  expect(rows[0]).toContain('hash');
  expect(rows.length).toBeGreaterThan(60);
  const jsonl = await download(page, 'JSONL');
  expect(jsonl.name).toBe('audit.jsonl');
  const lines = jsonl.text.trim().split('\n').map((line) => JSON.parse(line));
  expect(lines.map((line) => line.seq)).toEqual(lines.map((_, n) => n + 1));
  expect(jsonl.text).not.toMatch(/\$argon2|"password/);
});

test('the log is not given to whoever may not read it', async ({ visitor }) => {
  const page = await visitor({ as: 'annotator' });
  for (const path of ['/audit/export.csv', '/audit/export.jsonl']) {
    expect((await page.request.get(path)).status()).toBe(403);
  }
  const nobody = await visitor();
  expect([401, 403]).toContain((await nobody.request.get('/audit/export.csv')).status());
});
