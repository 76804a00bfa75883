// A week of work from the first hour to its submission, and back.
import { awake, expect, test } from '../support/test.mjs';

const hours = (page, day) => page.getByLabel(new RegExp(`^Hours, .*${day}`));
const kept = (page) => page.getByText('Saved. Submit the week when it is complete.');

test('a week adds up and keeps itself while one types', async ({ visitor, office }) => {
  const page = await visitor({ as: { name: 'Typing Person' } });
  const { week } = await office.workplace(page);
  await awake(page);
  await hours(page, 'Monday').fill('7:30');
  await hours(page, 'Tuesday').fill('8h');
  await expect(page.locator('[data-sum=all]')).toHaveText('15:30');
  await hours(page, 'Wednesday').fill('lots');
  await hours(page, 'Wednesday').blur();
  await expect(page.getByText('Write hours like 7:30, 7.5 or 7h30.')).toBeVisible();
  await hours(page, 'Wednesday').fill('');
  await hours(page, 'Wednesday').blur();
  await expect(kept(page)).toBeVisible();
  await page.goto(`/timesheet?week=${week}`);
  await expect(hours(page, 'Monday')).toHaveValue('7:30');
  await expect(hours(page, 'Tuesday')).toHaveValue('8:00');
  await expect(page.getByText('310.00 EUR')).toBeVisible();
});

test('what is unusual is noted, confirmed and submitted', async ({ visitor, office }) => {
  const page = await visitor({ as: { name: 'Busy Person' } });
  await office.workplace(page);
  await awake(page);
  await hours(page, 'Monday').fill('9');
  await hours(page, 'Monday').blur();
  await expect(page.getByText('Say in a note why it is more than usual.')).toBeVisible();
  await page.locator('input[id^="note:"]').first().fill('A deadline');
  await page.getByRole('button', { name: 'Submit the week' }).click();
  await expect(page.getByRole('alert')).toContainText('more than 8:00');
  await page.getByLabel(/It is right as it is/).check();
  await page.getByRole('button', { name: 'Submit the week' }).click();
  await expect(page.getByText('The week is submitted.')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Submitted');
  await expect(hours(page, 'Monday')).toHaveCount(0);
});

for (const js of [true, false]) {
  test(`a week is entered, submitted, returned and submitted again ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, office }) => {
    const page = await visitor({ js, as: { name: 'Steady Person' } });
    const { project, week } = await office.workplace(page);
    await hours(page, 'Monday').fill('many');
    if (js) await page.getByRole('main').evaluate((main) => main.querySelector('form.form').submit());
    else await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Write hours like 7:30, 7.5 or 7h30.').first()).toBeVisible();
    await expect(hours(page, 'Monday')).toHaveValue('many');
    await hours(page, 'Monday').fill('7,5');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Your week is saved.')).toBeVisible();
    await page.getByRole('button', { name: 'Submit the week' }).click();
    await expect(page.getByText('The week is submitted.')).toBeVisible();

    const manager = await visitor({ js, as: 'manager' });
    await manager.goto(project.path);
    await manager.getByRole('link', { name: 'Timesheet of Steady Person' }).click();
    await manager.getByRole('link', { name: 'The week before' }).click();
    await manager.getByLabel('What is to be done about it').fill('Was it not seven?');
    await manager.getByRole('button', { name: 'Return the line' }).click();
    await expect(manager.getByText('The line is returned.')).toBeVisible();

    await page.goto(`/timesheet?week=${week}`);
    await expect(page.getByText('One line was returned.')).toBeVisible();
    await expect(page.getByText('Returned: Was it not seven?')).toBeVisible();
    await hours(page, 'Monday').fill('7');
    await page.getByRole('button', { name: 'Submit the week' }).click();
    await expect(page.getByText('The week is submitted.')).toBeVisible();
  });
}

test('nothing worked is an answer, and a week can be copied', async ({ visitor, office }) => {
  const page = await visitor({ as: { name: 'Regular Person' } });
  const { week } = await office.workplace(page);
  await hours(page, 'Thursday').fill('6');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Your week is saved.')).toBeVisible();
  await page.getByRole('link', { name: 'The week before' }).click();
  await page.getByRole('button', { name: 'I worked nothing this week' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Nothing worked');

  await page.goto(`/timesheet?week=${week}`);
  await hours(page, 'Monday').fill('5');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Your week is saved.')).toBeVisible();
  await page.getByRole('link', { name: 'The week after' }).click();
  await page.getByRole('button', { name: 'Copy the week before' }).click();
  await expect(hours(page, 'Monday')).toHaveValue('5:00');
});

test('of two windows with one week, the second is told', async ({ visitor, office }) => {
  const page = await visitor({ as: { name: 'Double Person' } });
  await office.workplace(page);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await awake(page);
  await awake(other);
  await hours(page, 'Monday').fill('5');
  await hours(page, 'Monday').blur();
  await expect(kept(page)).toBeVisible();
  await hours(other, 'Monday').fill('6');
  await hours(other, 'Monday').blur();
  await expect(other.getByText('This week was changed elsewhere since you opened it.')).toBeVisible();
});
