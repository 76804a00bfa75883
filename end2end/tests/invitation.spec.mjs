// How people come in: invited one by one, or many with a file.
import { Office, PASSWORD, signIn } from '../support/people.mjs';
import { awake, expect, test } from '../support/test.mjs';

/** The message that stands beside a field. */
function messageOf(page, field) {
  return page.locator(`#${field}-error`);
}

for (const js of [true, false]) {
  const how = js ? 'with' : 'without';

  test(`an invitation is made, accepted and used up ${how} JavaScript`, async ({ visitor }) => {
    const email = `${Office.fresh('guest')}@example.org`;
    const admin = await visitor({ js, as: 'admin' });
    await admin.goto('/people');
    await admin.getByRole('link', { name: 'Invite a person' }).click();
    await admin.getByLabel('Name', { exact: true }).fill('Tove Håkansson');
    await admin.getByLabel('Email address').fill(email);
    await admin.getByLabel('Reviewer').check();
    await admin.getByRole('button', { name: 'Make the invitation' }).click();
    await expect(admin.getByText('Tove Håkansson is invited.')).toBeVisible();
    const shown = admin.getByLabel('One-time link');
    let link = await shown.inputValue();
    if (js) {
      await admin.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await awake(admin);
      await admin.getByRole('button', { name: 'Copy' }).click();
      await expect(admin.getByRole('status').filter({ hasText: 'Copied' })).toBeAttached();
      link = await admin.evaluate(() => navigator.clipboard.readText());
      expect(link).toBe(await shown.inputValue());
    }
    // It is shown once: the same page asked for again holds no link.
    await admin.goto('/people/invite');
    await expect(admin.getByLabel('One-time link')).toHaveCount(0);

    const guest = await visitor({ js });
    await guest.goto(link);
    await expect(guest.getByRole('main')).toContainText(email);
    await expect(guest.getByLabel('Your name')).toHaveValue('Tove Håkansson');
    const password = guest.getByLabel('Choose a password', { exact: true });
    // Long enough for the browser, and still soon guessed.
    await password.fill('password1234');
    await guest.getByRole('button', { name: 'Join' }).click();
    await expect(messageOf(guest, 'password')).toContainText('harder to guess');
    await expect(password).toHaveAttribute('aria-invalid', 'true');
    await expect(password).toHaveValue('');
    await expect(guest.getByLabel('Your name')).toHaveValue('Tove Håkansson');
    await password.fill(PASSWORD);
    await guest.getByRole('button', { name: 'Join' }).click();
    await expect(guest).toHaveURL('/');
    await expect(guest.getByRole('heading', { level: 1 })).toContainText('Tove');

    const late = await visitor({ js });
    expect((await late.goto(link)).status()).toBe(410);
    await expect(late.getByRole('heading', { level: 1 })).toHaveText('This link no longer works');
    await expect(late.getByRole('main').getByRole('link', { name: 'Sign in' })).toBeVisible();

    // And the password that was chosen is the one that counts.
    await signIn(late, email);
    await expect(late).toHaveURL('/');
    await admin.goto(`/people?q=${encodeURIComponent(email)}`);
    await expect(admin.getByRole('row').filter({ hasText: email })).toContainText('Active');
  });

  test(`people are invited from a file ${how} JavaScript`, async ({ visitor }) => {
    const [first, second] = [Office.fresh('csv'), Office.fresh('csv')].map((name) => `${name}@example.org`);
    const page = await visitor({ js, as: 'admin' });
    await page.goto('/people/import');
    const rows = [
      'name;email;roles;zone',
      `Bo Chen;${first};annotator+reviewer;Asia/Taipei`,
      `;${second};annotator;`,
      'Ed Null;no-address;pilot;Mars/Base',
      `Bo Again;${first};annotator;`,
      'Ada Okafor;ada@example.com;admin;',
    ];
    await page.getByLabel('or paste the rows').fill(rows.join('\n'));
    await page.getByRole('button', { name: 'Look at the rows' }).click();
    await expect(page.getByRole('alert')).toContainText('3 rows need another look.');
    const row = (line) => page.getByRole('row').filter({ has: page.getByRole('cell', { name: line, exact: true }) });
    await expect(row('2')).toContainText('Will be invited');
    await expect(row('3')).toContainText('Enter a name.');
    await expect(row('4')).toContainText('Enter an email address like name@example.com.');
    await expect(row('5')).toContainText('The same address stands in line 2.');
    await expect(row('6')).toContainText('Already here');
    await expect(page.getByRole('button', { name: /^Invite/ })).toHaveCount(0);

    // Corrected, and as a file this time, with the mark some spreadsheets put in front.
    const right = ['\ufeffname,email,roles', `Bo Chen,${first},annotator+reviewer`, `"Chen, Ida",${second},annotator`];
    await page.goto('/people/import');
    await page.getByLabel('File', { exact: true }).setInputFiles({
      name: 'people.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(right.join('\r\n')),
    });
    await page.getByRole('button', { name: 'Look at the rows' }).click();
    await page.getByRole('button', { name: 'Invite 2 people' }).click();
    await expect(page.getByText('2 people are invited.')).toBeVisible();
    const links = (await page.locator('pre').innerText()).split('\n').map((line) => line.split('\t'));
    expect(links.map(([name, email]) => [name, email])).toEqual([['Bo Chen', first], ['Chen, Ida', second]]);
    const guest = await visitor({ js });
    expect((await guest.goto(links[1][2])).status()).toBe(200);
    await expect(guest.getByLabel('Your name')).toHaveValue('Chen, Ida');
  });
}

test('a file that is no list of people is refused with a word about why', async ({ visitor }) => {
  const page = await visitor({ as: 'admin', js: false });
  await page.goto('/people/import');
  await page.getByLabel('or paste the rows').fill('who,where\nBo,here');
  await page.getByRole('button', { name: 'Look at the rows' }).click();
  await expect(messageOf(page, 'csv')).toContainText('The first line must name the columns');
  await expect(page.getByLabel('or paste the rows')).toHaveValue('who,where\nBo,here');
});

test('a newer link makes the older one worthless, and a disabled person is out at once', async ({ visitor, office }) => {
  const invited = await office.invite({ name: 'Nils Twice' });
  const admin = await visitor({ as: 'admin' });
  await admin.goto(`/people/${invited.id}`);
  await admin.getByRole('button', { name: 'New invitation link' }).click();
  const newer = await admin.getByLabel('One-time link').inputValue();
  const guest = await visitor();
  expect((await guest.goto(invited.link)).status()).toBe(410);
  await guest.goto(newer);
  await guest.getByLabel('Choose a password', { exact: true }).fill(PASSWORD);
  await guest.getByRole('button', { name: 'Join' }).click();
  await expect(guest).toHaveURL('/');

  await admin.goto(`/people/${invited.id}`);
  await admin.getByRole('button', { name: 'Disable now' }).click();
  await expect(admin.getByText('is disabled and signed out everywhere.')).toBeVisible();
  await guest.goto('/projects');
  await expect(guest).toHaveURL(/\/sign-in/);
});

test('a forgotten password is replaced by a link from an admin, once', async ({ visitor }) => {
  const guest = await visitor({ as: { name: 'Forgetful Fay' } });
  const admin = await visitor({ as: 'admin' });
  await admin.goto(`/people/${guest.who.id}`);
  await admin.getByRole('button', { name: 'Password reset link' }).click();
  const link = await admin.getByLabel('One-time link').inputValue();
  await guest.goto(link);
  await guest.getByLabel('New password', { exact: true }).fill('velvet anchor thirteen plums');
  await guest.getByRole('button', { name: 'Keep it' }).click();
  await expect(guest).toHaveURL('/sign-in');
  await expect(guest.getByText('Your new password holds.')).toBeVisible();
  await signIn(guest, guest.who.email, 'velvet anchor thirteen plums');
  await expect(guest).toHaveURL('/');
  expect((await (await visitor()).goto(link)).status()).toBe(410);
});
