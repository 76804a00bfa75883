// Where people are paid to: entered by themselves, held when it changes, and part of what is approved.
import { PASSWORD } from '../support/people.mjs';
import { awake, expect, test } from '../support/test.mjs';

const GERMAN = 'DE89 3704 0044 0532 0130 00';
// Nobody else of the demo has this one: two who share an account are a finding.
const FRENCH = 'FR14 2004 1010 0505 0001 3M02 606';
const BRITISH = 'GB29 NWBK 6016 1331 9268 19';

async function openForm(page, js = true) {
  await page.goto('/my-pay/account');
  if (js) await awake(page);
}

async function enterIban(page, iban, button) {
  await page.getByRole('radio', { name: /IBAN/ }).check();
  await page.getByLabel('IBAN', { exact: true }).fill(iban);
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: button }).click();
}

for (const js of [true, false]) {
  test(`an account is entered, changed and taken back ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const page = await visitor({ js, as: { name: 'Paid Somewhere' } });
    await openForm(page, js);
    await expect(page.getByText('Nobody knows yet where to send your pay.')).toBeVisible();
    await expect(page.getByLabel('Account holder')).toHaveValue('Paid Somewhere');
    await expect(page.getByLabel('Routing number')).toBeHidden();

    await enterIban(page, GERMAN.replace('89', '98'), 'Keep it');
    await expect(page.locator('#iban-error')).toContainText('The check digits do not fit');
    await expect(page.getByLabel('Account holder')).toHaveValue('Paid Somewhere');
    await enterIban(page, GERMAN, 'Keep it');
    await expect(page.getByText('Kept. It counts from now on.')).toBeVisible();
    await expect(page.getByRole('region', { name: 'DE89 •••• 3000' })).toContainText('Paid to');
    await expect(page.getByLabel('IBAN', { exact: true })).toHaveValue('');

    await enterIban(page, BRITISH, 'Keep it, held for now');
    await expect(page.getByText('Kept. It is held for a while.')).toBeVisible();
    await expect(page.getByRole('region', { name: 'GB29 •••• 6819' })).toContainText('Held');
    await page.goto('/my-pay');
    await expect(page.getByText('Paid Somewhere has entered GB29 •••• 6819')).toBeVisible();
    await page.getByRole('link', { name: 'Goes to DE89 •••• 3000' }).click();
    await page.getByRole('button', { name: 'Withdraw it' }).click();
    await expect(page.getByText('Withdrawn. It will not be paid to.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Withdraw it' })).toHaveCount(0);
  });
}

test('each method asks for its own fields, and nothing is entered with a wrong password', async ({ visitor }) => {
  const page = await visitor({ as: { name: 'By Method' } });
  await openForm(page);
  await page.getByRole('radio', { name: /IBAN/ }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('Routing number')).toBeVisible();
  await expect(page.getByLabel('IBAN', { exact: true })).toBeHidden();
  await page.getByLabel('Routing number').fill('021000022');
  await page.getByLabel('Account number').fill('1234567890');
  await page.keyboard.press('Tab');
  await expect(page.getByText('The last digit does not fit the others')).toBeVisible();
  await page.getByLabel('Routing number').fill('021000021');
  await page.getByLabel('Your password').fill('not my password');
  await page.keyboard.press('Enter');
  await expect(page.locator('#password-error')).toContainText('This is not your password.');
  await expect(page.getByLabel('Routing number')).toHaveValue('021000021');
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'US •••• 7890' })).toBeVisible();
});

test('what a manager enters is released by another one, and approved with the batch', async ({ visitor, office }) => {
  const page = await visitor({ as: { name: 'Bank Person' } });
  await office.workplace(page, { currency: 'RON', rhythm: 'weekly' });
  await page.getByLabel(/^Hours, .*Monday/).fill('5');
  await page.getByRole('button', { name: 'Submit the week' }).click();
  await expect(page.getByText('The week is submitted.')).toBeVisible();

  const first = await visitor({ as: 'manager' });
  await first.goto('/pay/accounts?show=missing');
  await first.getByRole('link', { name: 'Bank Person' }).click();
  await awake(first);
  await enterIban(first, FRENCH, 'Keep it, held for now');
  await expect(first.getByRole('region', { name: 'FR14 •••• 2606' })).toContainText('Held');
  await expect(first.getByRole('button', { name: 'Release it now' })).toHaveCount(0);
  const theirs = new URL(first.url()).pathname;

  const second = await visitor({ as: { name: 'Second Manager', roles: ['manager'] } });
  await second.goto(theirs);
  await second.getByRole('button', { name: 'Release it now' }).click();
  await expect(second.getByText('Released. It counts from now on.')).toBeVisible();

  const open = async (manager) => {
    await expect(async () => {
      await manager.goto('/pay');
      await expect(manager.getByRole('row').filter({ hasText: 'RON' })).toHaveCount(1, { timeout: 200 });
    }).toPass({ timeout: 15_000 });
    await manager.getByRole('row').filter({ hasText: 'RON' }).getByRole('link').click();
  };
  await open(first);
  await expect(first.getByText('You have entered where somebody of it is paid to.')).toBeVisible();
  await open(second);
  await expect(second.getByText('FR14 •••• 2606')).toHaveCount(1);
  await second.getByRole('button', { name: 'Approve' }).click();
  await expect(second.getByText('The batch is approved.')).toBeVisible();

  await page.goto('/my-pay');
  await page.getByRole('row').filter({ hasText: 'Approved' }).getByRole('link').click();
  await expect(page.getByText('Was approved to go to FR14 •••• 2606')).toBeVisible();
});
