// What people are told: a line that came back, pay that did not arrive, a timesheet that is asked for.
import { expect, test } from '../support/test.mjs';

for (const js of [true, false]) {
  test(`who is told of a line that came back is led to it ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, office }) => {
    const page = await visitor({ js, as: { name: 'Told Person' } });
    await page.goto('/notices');
    await expect(page.getByRole('heading', { name: 'Nothing to tell' })).toBeVisible();
    const { project } = await office.workplace(page);
    await page.getByLabel(/^Hours, .*Monday/).fill('7:30');
    await page.getByRole('button', { name: 'Submit the week' }).click();
    await expect(page.getByText('The week is submitted.')).toBeVisible();

    const manager = await visitor({ js, as: 'manager' });
    await manager.goto(project.path);
    await manager.getByRole('link', { name: 'Timesheet of Told Person' }).click();
    await manager.getByRole('link', { name: 'The week before' }).click();
    await manager.getByLabel('What is to be done about it').fill('Was it not seven?');
    await manager.getByRole('button', { name: 'Return the line' }).click();
    await expect(manager.getByText('The line is returned.')).toBeVisible();

    await page.goto('/');
    const bell = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Notices/ });
    await expect(bell).toHaveAccessibleName('Notices 1 not read');
    await bell.click();
    await page.getByRole('button', { name: /A line came back.*Was it not seven\?/ }).click();
    await expect(page.getByText('One line was returned.')).toBeVisible();
    await expect(bell).toHaveAccessibleName('Notices');
    // What was read stays there, as a link.
    await page.goto('/notices');
    await expect(page.getByRole('main').getByRole('link', { name: /A line came back/ })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Mark all as read' })).toHaveCount(0);
  });
}

test('a manager reminds those whose timesheets are missing', async ({ visitor, office }) => {
  const page = await visitor({ as: { name: 'Late Enterer' } });
  const other = await visitor({ as: { name: 'Prompt Enterer' } });
  const { project } = await office.workplace(other, { currency: 'RSD', rhythm: 'weekly' });
  await office.member(project, page.who.email);
  await other.getByLabel(/^Hours, .*Monday/).fill('7:30');
  await other.getByRole('button', { name: 'Submit the week' }).click();
  await expect(other.getByText('The week is submitted.')).toBeVisible();

  const manager = await visitor({ as: 'manager' });
  const batch = manager.getByRole('row').filter({ hasText: 'RSD' });
  await expect(async () => {
    await manager.goto('/pay');
    await expect(batch).toHaveCount(1, { timeout: 200 });
  }).toPass({ timeout: 15_000 });
  await batch.getByRole('link').click();
  const missing = manager.getByRole('region', { name: 'Not in yet' });
  await expect(missing).toContainText('Late Enterer nothing entered');
  await missing.getByRole('button', { name: 'Remind them' }).click();
  await expect(manager.getByText('One person is reminded.')).toBeVisible();

  await page.goto('/notices');
  const notice = page.getByRole('button', { name: /Your timesheet is asked for/ });
  await expect(notice).toContainText('Mara Lindqvist asks for your timesheet. Nothing is entered for');
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(notice).toHaveCount(0);
  await page.getByRole('main').getByRole('link', { name: /Your timesheet is asked for/ }).click();
  await expect(page).toHaveURL(/timesheet\?week=/);
});
