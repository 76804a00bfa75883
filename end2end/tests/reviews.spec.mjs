// What waits for a person: looked at, accepted, corrected, rejected, handed on; with and without script.
import { expect, test } from '../support/test.mjs';

async function startCheck(page, key, changes) {
  const document = { kind: 'passport', name: 'Kim Ho', birth_year: 1990, confidence: { name: 0.9, birth_year: 0.9 } };
  const applicant = { name: 'Kim Ho', birth_year: 1990, country: 'DE' };
  const input = { customer: 'Fjord Pay', applicant, document, face_match: 0.5, ...changes };
  await page.goto('/workflows/identity-check/start');
  await page.getByLabel('Input').fill(JSON.stringify(input));
  await page.getByRole('textbox', { name: 'Key' }).fill(key);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]+$/);
  const run = page.url();
  await expect(async () => {
    await page.goto(run);
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Needs review', { timeout: 200 });
  }).toPass();
  return run;
}

async function ended(page, run, state) {
  await expect(async () => {
    await page.goto(run);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(state, { timeout: 200 });
  }).toPass();
}

for (const js of [true, false]) {
  test(`a reviewer accepts, corrects and rejects ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const manager = await visitor({ js, as: 'manager' });
    const reviewer = await visitor({ js, as: 'reviewer' });
    const press = (name) => reviewer.getByRole('button', { name, exact: true }).click();

    const accepted = await startCheck(manager, `accepted-${js}`);
    await reviewer.goto(accepted);
    await expect(reviewer.getByText('The confidence is 50 %, and should be 80 %.').first()).toBeVisible();
    await reviewer.getByRole('link', { name: 'Look at it' }).click();
    const review = reviewer.url();
    await press('Accept');
    await expect(reviewer.getByText(/^Accepted\./)).toBeVisible();
    await ended(manager, accepted, 'Success');
    await expect(manager.locator('#output + pre')).toContainText('Ravi');
    // Somebody else who had the page open comes too late, and is told so.
    await manager.goto(review);
    await expect(manager.getByText(/^Accepted by Ravi/)).toBeVisible();

    const corrected = await startCheck(manager, `corrected-${js}`);
    await reviewer.goto(corrected);
    await reviewer.getByRole('link', { name: 'Look at it' }).click();
    const output = reviewer.getByLabel('What it should have been');
    await output.fill('{"verified": "perhaps", "risk": "low"}');
    // Pressed by mistake: what was typed is not lost.
    await press('Accept');
    await expect(reviewer.locator('#output-error')).toContainText('You have changed this');
    await press('Correct');
    await expect(reviewer.getByText('The correction does not fit its schema').or(reviewer.locator('.error-summary')).first()).toBeVisible();
    await expect(output).toHaveValue(/perhaps/);
    await output.fill('{"verified": false, "risk": "high"}');
    await press('Correct');
    await expect(reviewer.getByText(/^Corrected\./)).toBeVisible();
    await ended(manager, corrected, 'Success');
    await expect(manager.locator('#output + pre')).toContainText('"high"');

    const rejected = await startCheck(manager, `rejected-${js}`);
    await reviewer.goto(rejected);
    await reviewer.getByRole('link', { name: 'Look at it' }).click();
    await press('Reject');
    await expect(reviewer.locator('#reason-error')).toContainText('Say why');
    await reviewer.getByLabel('Reason').selectOption('Face does not match');
    await press('Reject');
    await expect(reviewer.getByText(/^Rejected\./)).toBeVisible();
    await ended(manager, rejected, 'Failed');
    await expect(manager.getByRole('alert')).toContainText('Rejected by Ravi');
  });
}

test('what a reviewer hands on only managers decide', async ({ visitor }) => {
  const manager = await visitor({ as: 'manager' });
  const reviewer = await visitor({ as: 'reviewer' });
  const run = await startCheck(manager, 'handed-on');
  await reviewer.goto(run);
  await reviewer.getByRole('link', { name: 'Look at it' }).click();
  const review = reviewer.url();
  await reviewer.getByLabel('Comment').fill('The name is written in two ways.');
  await reviewer.getByRole('button', { name: 'Ask a manager' }).click();
  await expect(reviewer.getByText(/^Handed to the managers\./)).toBeVisible();
  await reviewer.goto(review);
  await expect(reviewer.getByText('Only they can decide it')).toBeVisible();
  await expect(reviewer.getByRole('button', { name: 'Accept' })).toHaveCount(0);
  await manager.goto('/reviews?level=managers');
  await manager.getByRole('link', { name: 'handed-on' }).click();
  await manager.getByRole('button', { name: 'Accept' }).click();
  await ended(manager, run, 'Success');
  await expect(manager.getByText(/The name is written in two ways/)).toBeVisible();
});

test('annotators have no reviews', async ({ visitor }) => {
  const annotator = await visitor({ as: 'annotator' });
  const answer = await annotator.goto('/reviews');
  expect(answer.status()).toBe(403);
});
