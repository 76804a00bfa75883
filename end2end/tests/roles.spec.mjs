// Each role of the demo, with and without JavaScript: in, through every page it may open, kept out of the others, out.
import { findings, takeScriptsOut } from '../support/axe.mjs';
import { showIn } from '../support/browser.mjs';
import { EVERYBODYS, ROLES, enter } from '../support/people.mjs';
import { expect, test } from '../support/test.mjs';

/** The page that says why there is nothing else. */
async function expectRefusal(page, path, status, title) {
  const answer = await page.goto(path);
  expect(answer.status(), path).toBe(status);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  const id = answer.headers()['x-request-id'];
  expect(id).toBeTruthy();
  await expect(page.locator('.request-id')).toContainText(id);
  await expect(page.getByRole('main').getByRole('link')).toBeVisible();
}

for (const [role, { email, name, nav, may, mayNot }] of Object.entries(ROLES)) {
  for (const js of [true, false]) {
    test(`${role} goes through the house ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
      test.setTimeout(120_000);
      const page = await visitor({ js });
      // Whoever comes to a page without being signed in is brought back to it.
      await page.goto('/projects?status=active');
      await expect(page).toHaveURL(/\/sign-in\?next=/);
      await enter(page, email);
      await expect(page).toHaveURL('/projects?status=active');

      await page.goto('/');
      const main = page.getByRole('navigation', { name: 'Main' });
      await expect(main.locator('.nav-link > span:not(.nav-count)')).toHaveText(nav);
      await expect(page.getByRole('heading', { level: 1 })).toContainText(name.split(' ')[0]);

      const found = [];
      const eyes = js ? page : await visitor({ as: role });
      if (!js) await takeScriptsOut(eyes);
      for (const [n, path] of [...EVERYBODYS, ...may].entries()) {
        const answer = await page.goto(path);
        expect(answer.status(), path).toBe(200);
        // Each page in one of the two here, and in the other one on the other way through the house.
        const colorScheme = (n % 2 === 0) === js ? 'light' : 'dark';
        if (!js) await eyes.goto(path);
        await showIn(eyes, colorScheme);
        found.push(...(await findings(eyes)).map((line) => `${path} ${colorScheme}: ${line}`));
        await expect(page.locator('h1'), path).toHaveCount(1);
        expect(await page.title(), path).toMatch(/. · Countersign$/);
        await expect(page.locator('.error-page'), path).toHaveCount(0);
      }
      expect(found).toEqual([]);
      for (const path of mayNot) await expectRefusal(page, path, 403, 'You cannot do this');
      for (const path of ['/nowhere', '/people/nobody', '/projects/none', '/projects/none/edit']) {
        const status = mayNot.includes('/people') && path === '/people/nobody' ? [403, 404] : [404];
        const blocked = mayNot.includes('/projects/new') && path.endsWith('/edit');
        const answer = await page.goto(path);
        expect(blocked ? [403, 404] : status, path).toContain(answer.status());
        await expect(page.locator('.request-id'), path).toContainText(answer.headers()['x-request-id']);
      }
      await expectRefusal(page, '/nowhere', 404, 'There is nothing here');

      await page.getByRole('button', { name: new RegExp(name) }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await expect(page).toHaveURL('/sign-in');
      await expect(page.getByText('You are signed out.')).toBeVisible();
      await page.goto('/');
      await expect(page).toHaveURL(/\/sign-in/);
    });
  }
}

test('people see the projects they are on, and no others', async ({ visitor, office }) => {
  const theirs = await office.project({ name: 'Somebody else’s project' });
  const page = await visitor({ as: 'annotator' });
  await page.goto('/projects');
  const names = page.getByRole('rowheader').locator('.row-link');
  await expect(names).toHaveText(['Document intake', 'Radiology reports, wave 3']);
  await expectRefusal(page, theirs.path, 404, 'There is nothing here');
});

test('a wrong password and an unknown account are answered alike', async ({ visitor }) => {
  const page = await visitor({ js: false });
  const said = [];
  for (const email of ['teo@example.com', 'nobody@example.com']) {
    await page.goto('/sign-in');
    await page.getByLabel('Email address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().endsWith('/do/sign_in')),
      page.getByRole('button', { name: 'Sign in' }).click(),
    ]);
    expect(answer.status()).toBe(422);
    await expect(page.getByLabel('Email address')).toHaveValue(email);
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
    said.push(await page.getByRole('alert').innerText());
  }
  expect(said[0]).toBe(said[1]);
});

test('somebody signed out gets a page for an address that leads nowhere', async ({ page }) => {
  await expectRefusal(page, '/no/such/page', 404, 'There is nothing here');
});
