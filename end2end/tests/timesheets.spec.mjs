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

test('from when until when is read as it is typed, and nobody is in two places', async ({ visitor, office }) => {
  const page = await visitor({ as: { name: 'Punctual Person' } });
  const { week } = await office.workplace(page);
  await awake(page);
  await hours(page, 'Monday').fill('9-12:30, 13-17');
  await expect(page.locator('[data-sum=all]')).toHaveText('7:30');
  await hours(page, 'Tuesday').fill('9-8');
  await hours(page, 'Tuesday').blur();
  await expect(page.getByText('9:00-8:00 ends before it begins.')).toBeVisible();
  await hours(page, 'Tuesday').fill('9-10, 9:30-11');
  await hours(page, 'Tuesday').blur();
  await expect(page.getByText('9:00-10:00 and 9:30-11:00 overlap.')).toBeVisible();
  await hours(page, 'Tuesday').fill('');
  await hours(page, 'Tuesday').blur();
  await expect(kept(page)).toBeVisible();
  await page.goto(`/timesheet?week=${week}`);
  await expect(hours(page, 'Monday')).toHaveValue('7:30');
  await expect(page.getByRole('cell').filter({ has: hours(page, 'Monday') })).toContainText('9:00-12:3013:00-17:00');
  await page.getByRole('button', { name: 'Submit the week' }).click();
  await expect(page.getByText('The week is submitted.')).toBeVisible();
  await expect(page.locator('.times').first()).toContainText('9:00-12:30');
});

for (const js of [true, false]) {
  test(`a clock is started and thrown away ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, office }) => {
    const page = await visitor({ js, as: { name: 'Clocked Person' } });
    await office.workplace(page);
    await page.goto('/timesheet');
    await page.getByLabel('Work by the clock').selectOption({ index: 0 });
    await page.getByRole('button', { name: 'Start the clock' }).click();
    await expect(page.getByText('Your clock runs.')).toBeVisible();
    await expect(page.getByText('0:00', { exact: true }).first()).toBeVisible();
    await page.getByRole('button', { name: 'Stop and enter it' }).click();
    await expect(page.getByText('This is less than a minute.')).toBeVisible();
    await page.getByRole('textbox', { name: /Stopped at/ }).fill('25:00');
    if (js) {
      await page.getByRole('button', { name: 'Stop and enter it' }).click();
      await expect(page.getByText('Write a time like 17:30.')).toBeVisible();
    }
    await page.getByRole('button', { name: 'Throw it away' }).click();
    await expect(page.getByText('The clock is gone. Nothing was entered.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Start the clock' })).toBeVisible();
  });
}

test('what was just typed is kept before the clock is started', async ({ visitor, office }) => {
  const page = await visitor({ as: { name: 'Hurried Person' } });
  await office.workplace(page);
  await page.goto('/timesheet');
  await page.getByRole('button', { name: 'Add a row' }).click();
  await awake(page);
  const today = page.locator('td.day input[data-rule=spent]').first();
  await today.fill('1:15');
  await page.getByRole('button', { name: 'Start the clock' }).click();
  await expect(page.getByText('Your clock runs.')).toBeVisible();
  await expect(page.locator('td.day input[data-rule=spent]').first()).toHaveValue('1:15');
  await page.getByRole('button', { name: 'Throw it away' }).click();
  await expect(page.getByText('The clock is gone.')).toBeVisible();
});

test('a clock that has run becomes a line of today', async ({ visitor }) => {
  const page = await visitor({ as: 'annotator' });
  await page.goto('/timesheet');
  await expect(page.getByRole('region', { name: /Exceptions/ })).toContainText(/0:4\d|0:5\d/);
  await page.getByRole('button', { name: 'Stop and enter it' }).click();
  await expect(page.getByText(/0:\d\d entered for Exceptions: \d+:\d\d-\d+:\d\d/)).toBeVisible();
});
