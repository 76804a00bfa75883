// Text that wants to be more than text, requests from elsewhere, and too much of everything.
import { Office } from '../support/people.mjs';
import { awake, expect, test } from '../support/test.mjs';

const NAMES = {
  markup: '<script>window.broken = 1</script><img src=x onerror="window.broken=2">',
  quotes: `"'\`}{{7*7}} </title></textarea> & &amp; %00`,
  sql: "Robert'); DROP TABLE person;--",
  emoji: '👩🏽‍💻🏳️‍🌈 Zoë 🇵🇹',
  rtl: 'عبد الرحمن بن محمد الفارسي',
  long: 'W'.repeat(120),
  words: 'Wolfeschlegelsteinhausenbergerdorff '.repeat(3).trim(),
};

for (const [kind, name] of Object.entries(NAMES)) {
  test(`a name of ${kind} is shown as it is, everywhere`, async ({ visitor, office }) => {
    const admin = await visitor({ as: 'admin', viewport: { width: 390, height: 900 } });
    const invited = await office.invite({ name });
    const project = await office.project({ name, client: name });
    await office.member(project, invited.email);
    const pages = [
      [`/people?q=${encodeURIComponent(invited.email)}`, admin.locator('.row-link')],
      [`/people/${invited.id}`, admin.getByRole('heading', { level: 1 })],
      [`/projects?q=${project.code}`, admin.locator('.row-link')],
      [project.path, admin.getByRole('heading', { level: 1 })],
      [`${project.path}/edit`, null],
      [`/audit?thing=person&id=${invited.id}`, admin.locator('.audit-line .what').first()],
      ['/', null],
    ];
    for (const [path, where] of pages) {
      const answer = await admin.goto(path);
      expect(answer.status(), path).toBe(200);
      if (where) await expect(where, path).toContainText(name);
      for (const width of [390, 1440]) {
        await admin.setViewportSize({ width, height: 900 });
        // The window takes its new size a moment before the page is laid out for it.
        const room = () => admin.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        await expect.poll(room, `${path} at ${width}`).toBeLessThanOrEqual(0);
      }
    }
    await admin.goto(`${project.path}/edit`);
    await expect(admin.getByLabel('Name', { exact: true })).toHaveValue(name);

    // The palette builds its rows in the browser, and must be as careful.
    await awake(admin);
    await admin.keyboard.press('Control+k');
    await admin.getByRole('dialog').getByRole('combobox').fill(invited.email);
    await expect(admin.getByRole('option').filter({ hasText: invited.email })).toContainText(name);
    expect(await admin.evaluate(() => window.broken)).toBeUndefined();

    const guest = await visitor({ viewport: { width: 390, height: 900 } });
    await guest.goto(invited.link);
    await expect(guest.getByLabel('Your name')).toHaveValue(name);
    await admin.goto('/people');
    await expect(admin.getByRole('rowheader')).toHaveCount(50);
  });
}

test('a search for anything finds that and nothing else', async ({ visitor }) => {
  const page = await visitor({ as: 'admin' });
  for (const text of ["' OR 1=1 --", '%', '_', '\\', '"><script>window.broken=1</script>', '🦊', 'a'.repeat(2000)]) {
    await page.goto(`/people?q=${encodeURIComponent(text)}`);
    await expect(page.getByRole('searchbox', { name: 'Search' }), text).toHaveValue(text);
    // Somebody whose name holds these very signs may have been invited by another test; nobody else is shown.
    const found = await page.getByRole('rowheader').allTextContents();
    for (const row of found) expect(row.toLowerCase(), text).toContain(text.toLowerCase());
    if (found.length === 0) {
      await expect(page.getByRole('heading', { name: 'Nobody fits this filter' }), text).toBeVisible();
    }
    expect(await page.evaluate(() => window.broken)).toBeUndefined();
  }
});

test('parameters that make no sense are answered as if they were not there', async ({ visitor }) => {
  const page = await visitor({ as: 'admin' });
  for (const path of ['/people?after=x&role=king&status=%00', '/projects?after=1', '/audit?before=x&from=2026-99-99', '/audit?before=-1', '/people?q=%ff%fe']) {
    expect((await page.goto(path)).status(), path).toBe(200);
  }
});

test('a name that reads otherwise than it is stored is refused', async ({ visitor }) => {
  const page = await visitor({ as: 'admin', js: false });
  await page.goto('/people/invite');
  await page.getByLabel('Name', { exact: true }).fill('Ada\u202egnp.exe');
  await page.getByLabel('Email address').fill(`${Office.fresh('rlo')}@example.org`);
  await page.getByRole('button', { name: 'Make the invitation' }).click();
  await expect(page.locator('#name-error')).toContainText('invisible control characters');
});

test('a post from another site is refused, by its headers', async ({ visitor }) => {
  const page = await visitor({ as: 'admin' });
  const refused = [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }];
  for (const headers of refused) {
    const answer = await page.request.post('/do/set_theme', { headers, form: { theme: 'dark' }, maxRedirects: 0 });
    expect(answer.status(), JSON.stringify(headers)).toBe(403);
    expect(answer.headers()['x-request-id']).toBeTruthy();
  }
  await page.goto('/');
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
});

test('a post from another site is refused, in a browser', async ({ visitor, house }) => {
  const page = await visitor({ as: 'admin' });
  const form = `<form method="post" action="${house.url}/do/set_theme"><input name="theme" value="dark"><button>Win a prize</button></form>`;
  await page.route('http://evil.example/', (route) => route.fulfill({ contentType: 'text/html', body: form }));
  await page.goto('http://evil.example/');
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/do/set_theme')),
    page.getByRole('button').click(),
  ]);
  expect(answer.status()).toBe(403);
  await expect(page.getByText('This request came from another site')).toBeVisible();
  await expect(page.locator('.request-id')).toBeVisible();
});

test('a form that is too large is refused with a page', async ({ visitor }) => {
  const page = await visitor({ as: 'admin' });
  await page.goto('/people/import');
  await page.getByLabel('File', { exact: true }).setInputFiles({
    name: 'people.csv',
    mimeType: 'text/csv',
    buffer: Buffer.alloc(5 * 1024 * 1024, 'a'),
  });
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    page.getByRole('button', { name: 'Look at the rows' }).click(),
  ]);
  expect(answer.status()).toBe(413);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('That is too large');
  await expect(page.locator('.request-id')).toContainText(answer.headers()['x-request-id']);
});

test('bodies that are no forms get an answer in the family of four hundred', async ({ visitor }) => {
  const page = await visitor({ as: 'admin' });
  const bodies = [
    ['sign_in', 'application/json', '{"email":1}'],
    ['sign_in', 'text/plain', 'hello'],
    ['sign_in', 'application/x-www-form-urlencoded', 'email=%ff%fe&password=%00'],
    ['sign_in', 'multipart/form-data; boundary=x', '--y\r\nbroken'],
    ['make_token', 'application/x-www-form-urlencoded', 'name=x&days=many'],
    ['change_project', 'application/x-www-form-urlencoded', 'id=x'],
    ['no_such_thing', 'application/x-www-form-urlencoded', ''],
  ];
  for (const [action, type, data] of bodies) {
    for (const accept of ['application/json', 'text/html']) {
      const answer = await page.request.post(`/do/${action}`, { headers: { 'content-type': type, accept }, data, maxRedirects: 0 });
      expect(answer.status(), `${action} ${type} ${data}`).toBeGreaterThanOrEqual(400);
      expect(answer.status(), `${action} ${type} ${data}`).toBeLessThan(500);
    }
  }
});

for (const js of [true, false]) {
  test(`the chosen theme stays, and so does the page, ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const page = await visitor({ js, as: { name: 'Night Owl' }, colorScheme: 'light' });
    const background = () => page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
    const choose = async (name) => {
      await page.getByRole('button', { name: /Night Owl/ }).click();
      await page.getByRole('button', { name, exact: true }).click();
    };
    await page.goto('/projects?status=active');
    const light = await background();
    await choose('Dark');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    expect(await background()).not.toBe(light);
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await expect(page).toHaveURL('/projects?status=active');
    await choose('Auto');
    await expect(page.locator('html')).not.toHaveAttribute('data-theme');
    expect(await background()).toBe(light);
  });
}

test('every answer carries what keeps a browser safe', async ({ visitor }) => {
  const page = await visitor({ as: 'admin' });
  for (const path of ['/', '/sign-in', '/nowhere', '/healthz', '/audit/export.csv']) {
    const headers = (await page.request.get(path)).headers();
    expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options'], path).toBe('nosniff');
    expect(headers['x-request-id'], path).toBeTruthy();
  }
  const cookies = await page.context().cookies();
  const session = cookies.find((cookie) => cookie.name.includes('countersign'));
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
});
