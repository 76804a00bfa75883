// One rule, said in the same words by the browser while one types and by the server when there is no script.
import { awake, expect, test } from '../support/test.mjs';

const EMAIL = 'Enter an email address like name@example.com.';

test('with JavaScript a message comes on leaving a wrong field and goes when it is right', async ({ visitor }) => {
  const page = await visitor({ as: 'admin' });
  await page.goto('/people/invite');
  await awake(page);
  const posts = [];
  page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
  const email = page.getByLabel('Email address');
  const message = page.locator('#email-error');

  // Nobody is told off in mid-word.
  await email.pressSequentially('ada');
  await expect(message).toHaveText('');
  await email.press('Tab');
  await expect(message).toHaveText(EMAIL);
  await expect(email).toHaveAttribute('aria-invalid', 'true');
  await expect(email).toHaveAccessibleDescription(new RegExp(EMAIL.replaceAll('.', '\\.')));

  // A form that is wrong is not sent; the first wrong field is where one goes on.
  await page.getByRole('button', { name: 'Make the invitation' }).click();
  await expect(page.locator('#name-error')).toHaveText('Enter a name.');
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  expect(posts).toEqual([]);

  await email.fill('ada@example.org');
  await expect(message).toHaveText('');
  await expect(email).not.toHaveAttribute('aria-invalid');
});

test('without JavaScript the server says it, keeps what was typed, and begins with the summary', async ({ visitor }) => {
  const page = await visitor({ as: 'admin', js: false });
  await page.goto('/people/invite');
  await page.getByLabel('Name', { exact: true }).fill('A name that stays');
  await page.getByLabel('Email address').fill('ada');
  await page.getByLabel('Annotator').uncheck();
  await page.getByLabel('Manager').check();
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    page.getByRole('button', { name: 'Make the invitation' }).click(),
  ]);
  expect(answer.status()).toBe(422);
  await expect(page.locator('#email-error')).toHaveText(EMAIL);
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('A name that stays');
  await expect(page.getByLabel('Email address')).toHaveValue('ada');
  await expect(page.getByLabel('Manager')).toBeChecked();
  await expect(page.getByLabel('Annotator')).not.toBeChecked();

  const summary = page.getByRole('alert');
  await expect(summary).toContainText('There is one thing to put right');
  const before = page.locator('form.form > *:visible').first();
  await expect(before).toHaveRole('alert');
  await summary.getByRole('link', { name: EMAIL }).click();
  await expect(page.getByLabel('Email address')).toBeFocused();
});

test('several faults are each named, and each beside its field', async ({ visitor }) => {
  const page = await visitor({ as: 'admin', js: false });
  await page.goto('/projects/new');
  await page.getByLabel('Code').fill('!');
  await page.getByRole('button', { name: 'Make the project' }).click();
  await expect(page.getByRole('alert')).toContainText('There are 3 things to put right');
  for (const [field, words] of [['name', 'Enter'], ['code', 'Use 2 to 24 letters'], ['client', 'Enter']]) {
    await expect(page.locator(`#${field}-error`)).toContainText(words);
  }
  await expect(page.getByLabel('Currency')).toHaveValue('EUR');
});

test('what was entered is not sent twice by an impatient hand', async ({ visitor }) => {
  const page = await visitor({ as: 'admin' });
  await page.goto('/projects/new');
  await awake(page);
  const code = `TWICE-${Date.now().toString(36)}`.toUpperCase();
  await page.getByLabel('Name', { exact: true }).fill('Clicked twice');
  await page.getByLabel('Code').fill(code);
  await page.getByLabel('Client').fill('Impatient Ltd');
  await page.getByRole('button', { name: 'Make the project' }).dblclick();
  await expect(page).toHaveURL(/\/projects\/[0-9a-f-]{36}$/);
  await expect(page.getByText(`${code} is made.`)).toBeVisible();
});

test('after going back, a form that was sent can be sent again', async ({ visitor }) => {
  const page = await visitor({ as: { name: 'Back Again' } });
  await page.goto('/profile');
  await awake(page);
  await page.getByLabel('Name', { exact: true }).fill('Back Once');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Your profile is saved.')).toBeVisible();
  await page.goto('/projects');
  await page.goBack();
  await awake(page);
  await page.getByLabel('Name', { exact: true }).fill('Back Twice');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Your profile is saved.')).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Back Twice');
});

test('a password can be looked at while it is typed', async ({ page }) => {
  await page.goto('/sign-in');
  await awake(page);
  const password = page.getByLabel('Password', { exact: true });
  await password.fill('something long');
  await page.getByRole('button', { name: /show password/i }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await expect(password).toHaveValue('something long');
});
