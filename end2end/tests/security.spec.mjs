// What people do to keep their account their own.
import { PASSWORD, enter, signIn } from '../support/people.mjs';
import { expect, test } from '../support/test.mjs';
import { totp, totpBefore } from '../support/totp.mjs';

for (const js of [true, false]) test(`sessions are listed, and ending another one signs it out ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
  const here = await visitor({ js, as: { name: 'Two Places' } });
  const there = await visitor({ userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Firefox/150.0' });
  await signIn(there, here.who.email);
  await expect(there).toHaveURL('/');
  await here.goto('/profile/security');
  const sessions = here.getByRole('region', { name: 'Where you are signed in' }).getByRole('listitem');
  await expect(sessions).toHaveCount(2);
  await expect(sessions.filter({ hasText: 'This session' })).toHaveCount(1);
  await here.getByRole('button', { name: 'Sign out Firefox on macOS' }).click();
  await expect(here.getByText('The session has ended.')).toBeVisible();
  await expect(sessions).toHaveCount(1);
  await there.goto('/profile');
  await expect(there).toHaveURL(/\/sign-in/);
  await here.goto('/profile');
  await expect(here).toHaveURL('/profile');
});

for (const js of [true, false]) test(`a new password ends every other session ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
  const here = await visitor({ js, as: { name: 'Careful Cleo' } });
  const there = await visitor();
  await signIn(there, here.who.email);
  await expect(there).toHaveURL('/');
  await here.goto('/profile/security');
  await here.getByLabel('Password you have now', { exact: true }).fill('not this one');
  await here.getByLabel('New password', { exact: true }).fill('velvet anchor thirteen plums');
  await here.getByRole('button', { name: 'Change password' }).click();
  await expect(here.locator('#current-error')).not.toHaveText('');
  await here.getByLabel('Password you have now', { exact: true }).fill(PASSWORD);
  await here.getByLabel('New password', { exact: true }).fill('velvet anchor thirteen plums');
  await here.getByRole('button', { name: 'Change password' }).click();
  await expect(here.getByText('Your password is changed')).toBeVisible();
  await there.goto('/profile');
  await expect(there).toHaveURL(/\/sign-in/);
});

for (const js of [true, false]) {
  test(`two-step sign-in is turned on, used, and turned off ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const page = await visitor({ js, as: { name: 'Two Steps' } });
    const { email } = page.who;
    await page.goto('/profile/security');
    await page.getByRole('button', { name: 'Set it up' }).click();
    const secret = await page.getByLabel('Key for your authenticator app').inputValue();
    await page.getByLabel('Code from the app').fill('000000');
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(page.locator('#code-error')).toContainText('This code is not right.');
    // The secret stays the same, or whoever mistypes a code would have to scan again.
    await expect(page.getByLabel('Key for your authenticator app')).toHaveValue(secret);
    await page.getByLabel('Code from the app').fill(await totpBefore(secret));
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(page.getByRole('heading', { name: 'Your recovery codes' })).toBeVisible();
    const codes = await page.locator('.codes li').allInnerTexts();
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await expect(page.getByText('10 recovery codes are left.')).toBeVisible();
    await expect(page.getByRole('main')).not.toContainText(codes[0]);

    const again = await visitor({ js });
    await again.goto('/profile');
    await again.goto('/sign-in?next=%2Fprofile');
    await enter(again, email);
    await expect(again).toHaveURL(/\/sign-in\/code/);
    // A right password alone opens nothing.
    await again.goto('/profile');
    await expect(again).toHaveURL(/\/sign-in\?/);
    await enter(again, email);
    await expect(again).toHaveURL(/\/sign-in\/code/);
    await again.getByLabel('Code').fill('123');
    await again.getByRole('button', { name: 'Go on' }).click();
    await expect(again.locator('#code-error')).toContainText('This code is not right');
    await again.getByLabel('Code').fill(totp(secret));
    await again.getByRole('button', { name: 'Go on' }).click();
    await expect(again).toHaveURL('/profile');

    const third = await visitor({ js });
    await signIn(third, email);
    // The code that was used is worth nothing to whoever looked over a shoulder; a recovery code is, once.
    await third.getByLabel('Code').fill(codes[3].toUpperCase().replace('-', ' '));
    await third.getByRole('button', { name: 'Go on' }).click();
    await expect(third).toHaveURL('/');
    const fourth = await visitor({ js });
    await signIn(fourth, email);
    await fourth.getByLabel('Code').fill(codes[3]);
    await fourth.getByRole('button', { name: 'Go on' }).click();
    await expect(fourth.locator('#code-error')).toContainText('was used before');
    await third.goto('/profile/security');
    await expect(third.getByText('9 recovery codes are left.')).toBeVisible();

    await third.getByText('Turn it off, or start again').click();
    await third.getByLabel('Your password', { exact: true }).fill(PASSWORD);
    await third.getByRole('button', { name: 'Turn off' }).click();
    await expect(third.getByText('Two-step sign-in is off.')).toBeVisible();
  });
}

for (const js of [true, false]) test(`a token is made, shown once, and revoked ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, playwright, house }) => {
  const page = await visitor({ js, as: { name: 'Token Tess', roles: ['manager'] } });
  await page.goto('/profile/tokens');
  await expect(page.getByRole('heading', { name: 'No tokens yet' })).toBeVisible();
  await page.getByLabel('What is it for?').fill('Nightly report');
  await page.getByLabel('Works for').selectOption('30');
  for (const box of await page.getByRole('group', { name: 'What it may do' }).getByRole('checkbox').all()) {
    await box.check();
  }
  await page.getByRole('button', { name: 'Make the token' }).click();
  await expect(page.getByText('Nightly report is made.')).toBeVisible();
  const token = await page.getByLabel('API token').inputValue();
  expect(token.length).toBeGreaterThan(30);
  await page.goto('/profile/tokens');
  await expect(page.getByLabel('API token')).toHaveCount(0);
  const row = page.getByRole('listitem').filter({ hasText: 'Nightly report' });
  await expect(row).toContainText('never used');
  expect(await page.content()).not.toContain(token);

  const program = await playwright.request.newContext({
    baseURL: house.url,
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
  const path = '/api/v1/people';
  expect((await program.get(path)).status()).toBe(200);
  await page.goto('/profile/tokens');
  await expect(row).toContainText('last used');
  await row.getByRole('button', { name: 'Revoke Nightly report' }).click();
  await expect(page.getByText('The token is revoked.')).toBeVisible();
  await expect(row).toContainText('Revoked');
  await expect(row.getByRole('button')).toHaveCount(0);
  expect((await program.get(path)).status()).toBe(401);
  await program.dispose();
});

test('a token needs a name and something it may do', async ({ visitor }) => {
  const page = await visitor({ as: { name: 'Token Tess' }, js: false });
  await page.goto('/profile/tokens');
  for (const box of await page.getByRole('checkbox').all()) await box.uncheck();
  await page.getByRole('button', { name: 'Make the token' }).click();
  await expect(page.locator('#name-error')).not.toHaveText('');
  await expect(page.locator('#scopes-error')).not.toHaveText('');
});

test('guesses are slowed down, and a device its owner has used before is not', async ({ visitor }) => {
  const owner = await visitor({ as: { name: 'Guessed At' } });
  const stranger = await visitor();
  let status = 0;
  for (let tries = 0; tries < 14 && status !== 429; tries += 1) {
    const answer = await stranger.request.post('/do/sign_in', {
      headers: { accept: 'application/json' },
      form: { email: owner.who.email, password: 'a guess' },
      maxRedirects: 0,
    });
    status = answer.status();
    if (status === 429) expect(Number(answer.headers()['retry-after'])).toBeGreaterThan(0);
  }
  expect(status).toBe(429);
  await owner.getByRole('main').count();
  await owner.goto('/profile');
  await owner.request.post('/do/sign_out', { form: {} });
  await signIn(owner, owner.who.email);
  await expect(owner).toHaveURL('/');
});
