// Whoever is paid says that a line is wrong, and is answered.
import { expect, test } from '../support/test.mjs';

for (const [js, currency] of [[true, 'AED'], [false, 'ILS']]) {
  test(`a line is disputed and answered ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, office }) => {
    const page = await visitor({ js, as: { name: `Doubting ${currency}` } });
    await office.workplace(page, { currency, rhythm: 'weekly' });
    await page.getByLabel(/^Hours, .*Monday/).fill('7:30');
    await page.getByRole('button', { name: 'Submit the week' }).click();
    await expect(page.getByText('The week is submitted.')).toBeVisible();
    const own = page.getByRole('row').filter({ hasText: `150.00 ${currency}` });
    await expect(async () => {
      await page.goto('/my-pay');
      await expect(own).toHaveCount(1, { timeout: 200 });
    }).toPass({ timeout: 15_000 });
    await own.getByRole('link').first().click();
    await page.getByText('Something is wrong', { exact: true }).click();
    await page.getByPlaceholder('What is wrong with it').fill('It was <b>eight</b> hours & a half');
    await page.getByRole('button', { name: 'Say so' }).click();
    await expect(page.getByText('It is said. You are told when there is an answer.')).toBeVisible();
    const line = page.getByRole('row').filter({ hasText: 'Labels' });
    await expect(line).toContainText('Waits for an answer It was <b>eight</b> hours & a half');
    await expect(line).toContainText(/You have an answer by \d/);
    await expect(page.getByText('Something is wrong', { exact: true })).toHaveCount(0);

    const manager = await visitor({ js, as: 'manager' });
    await manager.goto('/pay/disputes');
    const asked = manager.getByRole('listitem').filter({ hasText: `Doubting ${currency}` });
    await asked.getByPlaceholder(/^What you have found/).fill('The log has seven and a half.');
    await asked.getByRole('button', { name: 'It stays' }).click();
    await expect(manager.getByText('Answered. They are told.')).toBeVisible();
    await expect(asked).toHaveCount(0);
    await manager.getByRole('link', { name: 'Answered', exact: true }).click();
    await expect(asked).toContainText('Mara Lindqvist: The log has seven and a half.');

    await page.goto('/notices');
    await page.getByRole('button', { name: /You have an answer/ }).click();
    await expect(line).toContainText('Stays as it is');
    await expect(line).toContainText('Mara Lindqvist: The log has seven and a half.');
    await page.getByText('Something is wrong', { exact: true }).click();
    await page.getByPlaceholder('What is wrong with it').fill('The log is wrong');
    await page.getByRole('button', { name: 'Say so' }).click();
    await page.getByRole('button', { name: 'Withdraw it' }).click();
    await expect(page.getByText('It is withdrawn.')).toBeVisible();
  });
}
