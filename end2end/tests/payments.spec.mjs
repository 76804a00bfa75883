// From a submitted week to pay that was approved: who sees what, who decides what, and what cannot be approved.
import { awake, expect, test } from '../support/test.mjs';
import { call } from '../support/people.mjs';

const hours = (page, day) => page.getByLabel(new RegExp(`^Hours, .*${day}`));

/** Each test pays in a currency of its own, and so has a batch of its own. */
async function worked(visitor, office, { name, currency, js = true, day = 'Monday', time = '7:30' }) {
  const page = await visitor({ js, as: { name } });
  const { project, week } = await office.workplace(page, { currency, rhythm: 'weekly' });
  await submit(page, day, time);
  return { page, project, week };
}

async function submit(page, day, time) {
  await hours(page, day).fill(time);
  await page.getByRole('button', { name: 'Submit the week' }).click();
  await expect(page.getByText('The week is submitted.')).toBeVisible();
}

/** Opens the batch of a currency, once the background job has made it what it should be. */
async function openBatch(page, currency, amount) {
  await expect(async () => {
    await page.goto('/pay');
    await expect(page.getByRole('row').filter({ hasText: amount })).toHaveCount(1, { timeout: 200 });
  }).toPass({ timeout: 15_000 });
  await page.getByRole('row').filter({ hasText: currency }).getByRole('link').click();
  await expect(page.getByRole('region', { name: 'This batch' })).toContainText(amount);
}

const approve = (page) => page.getByRole('button', { name: 'Approve' });

for (const [js, currency] of [[true, 'CHF'], [false, 'NOK']]) {
  test(`a week is paid with one approval ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, office }) => {
    const { page } = await worked(visitor, office, { name: 'Paid Person', currency, js });
    const manager = await visitor({ js, as: 'manager' });
    await openBatch(manager, currency, `150.00 ${currency}`);
    await expect(manager.getByRole('region', { name: 'This batch' })).toContainText('1 matches');

    await page.goto('/my-pay');
    await expect(page.getByRole('row').filter({ hasText: 'In a batch, to be approved' })).toContainText(`150.00 ${currency}`);

    await approve(manager).click();
    await expect(manager.getByText('The batch is approved.')).toBeVisible();
    await expect(manager.getByText(/Approved by Mara Lindqvist/)).toBeVisible();
    await expect(approve(manager)).toHaveCount(0);

    await page.reload();
    await page.getByRole('row').filter({ hasText: 'Approved' }).getByRole('link').click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Your pay');
    await expect(page.getByRole('row').filter({ hasText: 'Labels' })).toContainText(`20.00 an hour`);
    await expect(page.getByRole('listitem').filter({ hasText: 'Approved' })).toHaveAttribute('aria-current', 'step');
  });
}

for (const [js, currency] of [[true, 'SEK'], [false, 'DKK']]) {
  test(`what is odd is accepted or held ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, office }) => {
    const { project } = await worked(visitor, office, { name: 'Odd Person', currency, js });
    const rate = { id: project.id, from_on: '2021-01-01', hour_price: '30', unit_price: '0.5' };
    await call(office.request, 'write_rate', rate);
    const manager = await visitor({ js, as: 'manager' });
    await openBatch(manager, currency, `225.00 ${currency}`);
    await expect(manager.getByText('Rate changed later')).toBeVisible();
    await expect(approve(manager)).toHaveCount(0);

    const reason = manager.getByLabel('Reason');
    await reason.fill('Waiting for the client');
    await manager.getByRole('button', { name: 'Hold to the next batch' }).click();
    await expect(manager.getByText('Held: it is paid with the next batch.')).toBeVisible();
    await expect(manager.getByText('Nobody is paid with it.')).toBeVisible();
    await manager.getByRole('button', { name: 'Pay it with this batch' }).click();

    // Without a reason nothing is accepted, whatever the browser lets through.
    await manager.getByLabel('Reason').evaluate((input) => input.removeAttribute('required'));
    await manager.getByRole('button', { name: 'Accept' }).click();
    await expect(manager.getByText('Say in a sentence of at most 500 characters why.')).toBeVisible();
    await manager.getByLabel('Reason').fill('The client has agreed');
    await manager.getByRole('button', { name: 'Accept' }).click();
    await expect(manager.getByText('1 accepted')).toBeVisible();
    await approve(manager).click();
    await expect(manager.getByText('The batch is approved.')).toBeVisible();
  });
}

test('what has changed since is not approved, and shown', async ({ visitor, office }) => {
  const { page, week } = await worked(visitor, office, { name: 'Late Person', currency: 'PLN' });
  const manager = await visitor({ as: 'manager' });
  await openBatch(manager, 'PLN', '150.00 PLN');
  await page.goto(`/timesheet?week=${week}`);
  await awake(page);
  await submit(page, 'Tuesday', '2');
  await approve(manager).click();
  await expect(manager.getByRole('alert')).toContainText('has changed since you opened it');
  const different = manager.getByRole('region', { name: 'What is different' });
  await expect(different.getByRole('row').filter({ hasText: 'Late Person' })).toContainText('190.00 PLN');
  await approve(manager).click();
  await expect(manager.getByText('The batch is approved.')).toBeVisible();
});

test('a line is returned from its payment', async ({ visitor, office }) => {
  const { page } = await worked(visitor, office, { name: 'Returned Person', currency: 'CZK' });
  const manager = await visitor({ as: 'manager' });
  await openBatch(manager, 'CZK', '150.00 CZK');
  await manager.locator('.row-link', { hasText: 'Returned Person' }).click();
  await manager.getByText('Return', { exact: true }).click();
  await manager.getByPlaceholder('What is to be done about it').fill('Which task was this?');
  await manager.getByRole('button', { name: 'Return it' }).click();
  await expect(manager.getByText('The line is returned.')).toBeVisible();
  await page.goto('/timesheet');
  await page.getByRole('link', { name: 'The week before' }).click();
  await expect(page.getByText('Which task was this?')).toBeVisible();
});

test('thresholds are kept, and what makes no sense is refused', async ({ visitor }) => {
  const manager = await visitor({ as: 'manager' });
  await manager.goto('/pay/thresholds');
  await manager.getByLabel('Deviations').fill('0');
  await manager.getByRole('button', { name: 'Keep' }).click();
  await expect(manager.getByText('Enter a number from 1 to 20, like 3.5.').first()).toBeVisible();
  await manager.getByLabel('Deviations').fill('4.5');
  await manager.getByRole('button', { name: 'Keep' }).click();
  await expect(manager.getByText('Kept.')).toBeVisible();
  await expect(manager.getByLabel('Deviations')).toHaveValue('4.5');
});

test('what was approved wrongly is taken back with the next payment', async ({ visitor, office }) => {
  const { page } = await worked(visitor, office, { name: 'Corrected Person', currency: 'HUF' });
  const manager = await visitor({ as: 'manager' });
  await openBatch(manager, 'HUF', '150.00 HUF');
  await approve(manager).click();
  await expect(manager.getByText('The batch is approved.')).toBeVisible();
  await manager.locator('.row-link', { hasText: 'Corrected Person' }).click();
  await manager.getByText('Take back', { exact: true }).click();
  await manager.getByPlaceholder('Why it was wrong').fill('Another project');
  await manager.getByRole('button', { name: 'Take it back' }).click();
  await expect(manager.getByText('Taken back later')).toBeVisible();
  await expect(manager.getByText('Take back', { exact: true })).toHaveCount(0);

  // The next batch makes up for it, and pays nothing.
  await expect(async () => {
    await page.goto('/my-pay');
    await expect(page.getByRole('row').filter({ hasText: 'In a batch, to be approved' })).toContainText('0.00 HUF', { timeout: 200 });
  }).toPass({ timeout: 15_000 });
  await page.getByRole('row').filter({ hasText: 'In a batch' }).getByRole('link').click();
  await expect(page.getByRole('row').filter({ hasText: 'Another project' })).toContainText('-150.00 HUF');
});
