// What work is paid by: tasks, rates, levels, periods.
import { expect, test } from '../support/test.mjs';

for (const js of [true, false]) {
  test(`a project is given a task, a rate and its periods ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, office }) => {
    const annotator = await visitor({ js, as: { name: 'Paid Person' } });
    const project = await office.project();
    await office.member(project, annotator.who.email);
    const page = await visitor({ js, as: 'manager' });
    await page.goto(`${project.path}/tasks`);
    await page.getByLabel('Name', { exact: true }).fill('Transcription');
    await page.getByLabel('Paid', { exact: true }).selectOption({ label: 'By the unit' });
    await page.getByRole('button', { name: 'Add the task' }).click();
    await expect(page.locator('#unit-error')).not.toHaveText('');
    await page.getByLabel(/What is counted/).fill('minute of audio');
    await page.getByRole('button', { name: 'Add the task' }).click();
    await expect(page.getByRole('table', { name: 'Tasks' })).toContainText('by the minute of audio');

    await page.getByRole('link', { name: 'Rates' }).click();
    await expect(page.getByText('Transcription: Paid Person')).toBeVisible();
    await page.getByLabel('A unit').fill('0.45');
    await page.getByLabel('From', { exact: true }).fill('2026-01-01');
    await page.getByRole('button', { name: 'Write the rate' }).click();
    await expect(page.getByText('It applies from 1 January 2026.')).toBeVisible();
    await expect(page.getByText('Transcription: Paid Person')).toHaveCount(0);
    await page.getByLabel('A unit').fill('0.5');
    await page.getByLabel('From', { exact: true }).fill('2026-02-01');
    await page.getByRole('button', { name: 'Write the rate' }).click();
    const rates = page.getByRole('table', { name: 'Rates' });
    await expect(rates.getByRole('row')).toHaveCount(2);
    await expect(rates).toContainText('0.50 EUR');
    await page.getByRole('link', { name: /superseded, too/ }).click();
    await expect(rates).toContainText('until 31 Jan 2026');

    await page.getByRole('link', { name: 'Periods and limits' }).click();
    await page.getByLabel('Pays', { exact: true }).selectOption({ label: 'Every week' });
    await page.getByLabel(/Paid after/).fill('1');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('#pay_days-error')).toContainText('at the earliest');
    await page.getByLabel(/Paid after/).fill('6');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('The periods and limits are saved.')).toBeVisible();

    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('link', { name: 'Level and days of Paid Person' }).click();
    await page.getByLabel(/^Level/).fill('Senior');
    await page.getByLabel(/At this level from/).fill('2026-03-01');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'Paid Person' })).toContainText('senior');

    // What others are paid is not for everybody.
    expect((await annotator.goto(`${project.path}/rates`)).status()).toBe(403);
    await annotator.goto(project.path);
    await expect(annotator.getByRole('link', { name: 'Rates' })).toHaveCount(0);
  });
}
