// Every page in every state worth looking at. The tests of accessibility and the screenshots both walk through these.
import { awake } from './browser.mjs';
import { Office, PASSWORD, ROLES, call, enter, signIn } from './people.mjs';
import { csv, file, timesheet } from './spreadsheets.mjs';
import { totpBefore } from './totp.mjs';

const LONG = 'Juana María de los Ángeles Hernández-Castellanos y Villavicencio';

async function press(page, name) {
  await page.getByRole('button', { name, exact: true }).click();
  await page.waitForLoadState();
}

/** Posts a form past the browser's own checks, so that the server's answer is what is seen. */
async function sendUnchecked(page, button) {
  await page.locator('form', { has: page.getByRole('button', { name: button, exact: true }) }).evaluate((form) => form.submit());
  await page.locator('.field-error span').first().waitFor();
}

async function turnTwoStepOn(page) {
  await page.goto('/profile/security');
  await press(page, 'Set it up');
  const secret = await page.getByLabel('Key for your authenticator app').inputValue();
  await page.getByLabel('Code from the app').fill(await totpBefore(secret));
  await press(page, 'Turn on');
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
}

async function paste(page, rows) {
  await page.goto('/people/import');
  await page.getByLabel('or paste the rows').fill(rows.join('\n'));
  await press(page, 'Look at the rows');
}

async function personByName(page, name) {
  await page.goto(`/people?q=${encodeURIComponent(name)}`);
  await page.locator('.row-link').first().click();
  await page.waitForURL(/\/people\/[0-9a-f-]+$/);
}

async function projectByCode(page, code) {
  await page.goto(`/projects?q=${code}`);
  await page.locator('.row-link').first().click();
  await page.waitForURL(/\/projects\/[0-9a-f-]+$/);
}

/** One of the tabs of a project. */
async function projectTab(page, code, tab) {
  await projectByCode(page, code);
  await page.getByRole('navigation', { name: 'Project', exact: true }).getByRole('link', { name: tab }).click();
  await page.waitForURL(/\/(tasks|rates|terms)$/);
}

/** Some projects' spreadsheets, brought by a manager: all of them right, some wrong, or one that nobody understands. */
async function bringFiles(page, office, how) {
  // Nobody of the demo: what its people are on is looked at elsewhere.
  const people = [await office.invite({ name: `Filed ${Office.fresh('Person')}` })];
  const days = Office.lastWeek();
  const files = [];
  for (let n = 0; n < (how === 'unclear' ? 1 : 6); n += 1) {
    const { code } = await office.payingProject(people);
    const minutes = (_, day) => 5 + days.indexOf(day) + n;
    const names = people.map((person) => person.name);
    files.push(timesheet(n, { code, people: names, days, minutes }));
    const head = ['Name', 'Project', 'Task', 'Date', 'Hours'];
    if (how === 'ready' && n === 5) {
      const saturday = new Date(Date.parse(days[4]) + 86_400_000).toISOString().slice(0, 10);
      files.push(file('A spreadsheet with a rather long name, as people give them (final, 2nd version).csv', csv([head, [names[0], code, 'Labels', saturday, '0:20']])));
    }
    if (how === 'wrong' && n < 3) {
      const rows = [[names[0], code, 'Labels', days[0], 'many'], ['Nobody Known', code, 'Labels', days[1], '3'], [names[0], code, 'Boxes', days[2], '2'], [names[0], code, 'Labels', '31.02.2026', '2']];
      files.push(file(`Wrong ${n}.csv`, csv([head, ...rows.slice(n)])));
    }
  }
  if (how === 'unclear') files.splice(0, 1, file('odd.csv', csv([['Wer', 'Wann', 'Wieviel', 'Und sonst'], [people[0].name, days[0], '2', 'gut']])));
  await page.goto('/timesheet/files');
  await page.getByLabel(/Drop spreadsheets here/).setInputFiles(files);
  await page.getByRole('button', { name: 'Look at the files' }).click();
  await page.waitForURL(/files\/[0-9a-f-]+$/);
}

/** The first that a list leads to. */
async function firstOf(page, path) {
  await page.goto(path);
  await page.locator('.row-link').first().click();
  await page.waitForURL((url) => url.pathname !== path);
}

/** The last batch of the demo in euros that is in this state; of the open ones, one that is over. */
async function batchOf(page, state) {
  await page.goto('/pay');
  const rows = page.getByRole('row').filter({ hasText: 'EUR' }).filter({ hasText: state });
  const row = state === 'Open' ? rows.last() : rows.first();
  await row.getByRole('link').click();
  await page.waitForURL(/\/pay\/[0-9a-f-]+$/);
}

async function runByKey(page, key) {
  await page.goto(`/runs?key=${key}`);
  await page.locator('.row-link').first().click();
  await page.waitForURL(/\/runs\/[0-9a-f-]+$/);
  await page.locator('details').first().click();
}

/** A review of the demo, by what its caller calls the item. */
async function reviewByKey(page, key, state = '') {
  await page.goto(`/reviews?state=${state}`);
  await page.getByRole('link', { name: key, exact: true }).click();
  await page.waitForURL(/\/reviews\/[0-9a-f-]+$/);
}

const visit = (path) => (page) => page.goto(path);

/**
 * `as` is a role of the demo, or somebody new, or nobody; `widths` says where a state can be at all. `open` brings the
 * page into the state; it is given the office for what must be made first.
 */
export const SCENES = [
  { name: 'home-reviewer', as: 'reviewer', open: visit('/') },
  { name: 'home-manager', as: 'manager', open: visit('/') },
  { name: 'api-docs', as: 'manager', open: visit('/api/docs') },
  // Not signed in
  { name: 'sign-in', open: visit('/sign-in') },
  {
    name: 'sign-in-refused',
    open: async (page) => {
      await page.goto('/sign-in');
      await enter(page, 'somebody@example.com', 'a wrong password');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'sign-in-empty',
    open: async (page) => {
      await page.goto('/sign-in');
      await sendUnchecked(page, 'Sign in');
    },
  },
  {
    name: 'second-step-refused',
    open: async (page, office) => {
      const { email } = await office.person(page.context().request, { name: 'Second Step' });
      await turnTwoStepOn(page);
      await call(page.context().request, 'sign_out', {});
      await signIn(page, email);
      await page.getByLabel('Code').fill('000000');
      await press(page, 'Go on');
      await page.locator('#code-error span').waitFor();
    },
  },
  { name: 'forgot', open: visit('/forgot') },
  {
    name: 'invitation',
    open: async (page, office) => page.goto((await office.invite({ name: LONG })).link),
  },
  {
    name: 'invitation-refused',
    open: async (page, office) => {
      await page.goto((await office.invite({ name: 'Weak Word' })).link);
      await page.getByLabel('Your name').fill('');
      await page.getByLabel('Choose a password', { exact: true }).fill('short');
      await sendUnchecked(page, 'Join');
    },
  },
  {
    name: 'link-gone',
    open: async (page, office) => {
      const { link, id } = await office.invite({ name: 'Twice Invited' });
      await call(office.request, 'new_link', { id });
      await page.goto(link);
    },
  },
  {
    name: 'reset',
    open: async (page, office) => {
      const { id } = await office.person(page.context().request, { name: 'Lost Password' });
      await call(page.context().request, 'sign_out', {});
      await page.goto((await call(office.request, 'new_link', { id })).link);
    },
  },
  { name: 'nowhere-signed-out', open: visit('/no/such/page') },

  // Home and errors
  { name: 'home-admin', as: 'admin', open: visit('/') },
  { name: 'home-annotator', as: 'annotator', open: visit('/') },
  { name: 'home-new', as: { name: LONG }, open: visit('/') },
  { name: 'nowhere', as: 'annotator', open: visit('/no/such/page') },
  { name: 'forbidden', as: 'annotator', open: visit('/audit') },
  {
    name: 'drawer',
    as: 'admin',
    widths: [390],
    open: async (page) => {
      await page.setViewportSize({ width: 390, height: 900 });
      await page.goto('/projects');
      await press(page, 'Open menu');
    },
  },
  {
    name: 'account-menu',
    as: 'manager',
    widths: [1440],
    open: async (page) => {
      await page.goto('/projects');
      await page.getByRole('button', { name: /Mara Lindqvist/ }).click();
    },
  },
  {
    name: 'palette',
    as: 'admin',
    open: async (page) => {
      await page.goto('/');
      await awake(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('an');
      await page.getByRole('option', { name: /@example\.com/ }).first().waitFor();
    },
  },
  {
    name: 'palette-empty',
    as: 'admin',
    open: async (page) => {
      await page.goto('/');
      await awake(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('nothing is called this');
      await page.locator('.palette-empty').waitFor();
    },
  },
  {
    name: 'shortcuts',
    as: 'admin',
    open: async (page) => {
      await page.goto('/');
      await awake(page);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },

  // People
  { name: 'people', as: 'admin', open: visit('/people') },
  { name: 'people-filtered', as: 'manager', open: visit('/people?role=reviewer&status=active') },
  { name: 'people-none', as: 'admin', open: visit('/people?q=nobody+is+called+this') },
  { name: 'person', as: 'admin', open: (page) => personByName(page, 'Ana Pérez') },
  { name: 'person-manager', as: 'manager', open: (page) => personByName(page, 'Teo') },
  { name: 'person-invited', as: 'admin', open: (page) => personByName(page, 'Juana') },
  {
    name: 'person-link',
    as: 'admin',
    open: async (page, office) => {
      const { id } = await office.invite({ name: 'Needs Link' });
      await page.goto(`/people/${id}`);
      await press(page, 'New invitation link');
      await page.getByLabel('One-time link').waitFor();
    },
  },
  {
    name: 'person-refused',
    as: 'admin',
    open: async (page, office) => {
      const { id } = await office.invite({ name: 'Wrong Change' });
      await page.goto(`/people/${id}`);
      await page.getByLabel('Name', { exact: true }).fill('');
      for (const box of await page.getByRole('checkbox').all()) await box.uncheck();
      await sendUnchecked(page, 'Save');
    },
  },
  { name: 'invite', as: 'admin', open: visit('/people/invite') },
  {
    name: 'invite-refused',
    as: 'admin',
    open: async (page) => {
      await page.goto('/people/invite');
      await page.getByLabel('Email address').fill('ada@');
      await page.getByLabel('Annotator').uncheck();
      await sendUnchecked(page, 'Make the invitation');
    },
  },
  {
    name: 'invite-done',
    as: 'admin',
    open: async (page) => {
      await page.goto('/people/invite');
      await page.getByLabel('Name', { exact: true }).fill('Newly Invited');
      await page.getByLabel('Email address').fill(`${Office.fresh('scene')}@example.org`);
      await press(page, 'Make the invitation');
      await page.getByLabel('One-time link').waitFor();
    },
  },
  { name: 'import', as: 'admin', open: visit('/people/import') },
  {
    name: 'import-refused',
    as: 'admin',
    open: async (page) => {
      await paste(page, ['who,where', 'Bo,here']);
      await page.locator('#csv-error span').waitFor();
    },
  },
  {
    name: 'import-faulty',
    as: 'admin',
    open: async (page) => {
      await paste(page, [
        'name,email,roles,zone',
        'Bo Chen,bo.chen@example.org,annotator+reviewer,Asia/Taipei',
        ',no-name@example.org,annotator,',
        `${LONG},a-rather-long-address-for-a-narrow-phone@subdomain.example.org,pilot,Mars/Base`,
        'Ada Okafor,ada@example.com,admin,',
      ]);
      await page.getByRole('table').waitFor();
    },
  },
  {
    name: 'import-right',
    as: 'admin',
    open: async (page) => {
      await paste(page, ['name,email,roles', `Bo Chen,${Office.fresh('bo')}@example.org,annotator`]);
      await page.getByRole('table').waitFor();
    },
  },
  {
    name: 'import-done',
    as: 'admin',
    open: async (page) => {
      const row = (name) => `${name},${Office.fresh('row')}@example.org,annotator`;
      await paste(page, ['name,email,roles', row('Bo Chen'), row('Cy Young')]);
      await press(page, 'Invite 2 people');
      await page.locator('pre').waitFor();
    },
  },

  // Projects
  { name: 'projects', as: 'admin', open: visit('/projects') },
  { name: 'projects-annotator', as: 'annotator', open: visit('/projects') },
  { name: 'projects-none', as: { name: 'Without Project' }, open: visit('/projects') },
  { name: 'projects-no-match', as: 'manager', open: visit('/projects?q=nothing+is+called+this') },
  { name: 'project', as: 'admin', open: (page) => projectByCode(page, 'RAD-3') },
  { name: 'project-annotator', as: 'annotator', open: (page) => projectByCode(page, 'RAD-3') },
  {
    name: 'project-nobody',
    as: 'manager',
    open: async (page, office) => page.goto((await office.project({ name: 'Nobody here' })).path),
  },
  {
    name: 'project-member-refused',
    as: 'manager',
    open: async (page) => {
      await projectByCode(page, 'RAD-3');
      await page.getByLabel('Email address').fill('nobody-here@example.org');
      await press(page, 'Add');
      await page.locator('#email-error span').waitFor();
    },
  },
  { name: 'project-tasks', as: 'manager', open: (page) => projectTab(page, 'RAD-3', 'Tasks') },
  { name: 'project-rates', as: 'manager', open: (page) => projectTab(page, 'RAD-3', 'Rates') },
  { name: 'project-terms', as: 'manager', open: (page) => projectTab(page, 'RAD-3', 'Periods and limits') },
  {
    name: 'project-rates-missing',
    as: 'manager',
    open: async (page, office) => {
      const project = await office.project({ name: 'Not paid yet' });
      // Nobody of the demo: what its people are on is looked at elsewhere.
      const person = await office.invite({ name: `Unpaid ${Office.fresh('Person')}` });
      await office.member(project, person.email);
      await office.task(project);
      await page.goto(`${project.path}/rates`);
    },
  },
  {
    name: 'project-rate-refused',
    as: 'manager',
    open: async (page) => {
      await projectTab(page, 'RAD-3', 'Rates');
      await page.getByLabel('An hour').fill('much');
      await sendUnchecked(page, 'Write the rate');
    },
  },
  {
    name: 'project-assignment',
    as: 'manager',
    open: async (page) => {
      await projectByCode(page, 'RAD-3');
      await page.getByRole('link', { name: /Level and days of Ana/ }).click();
      await page.getByLabel('At this level from').waitFor();
    },
  },
  { name: 'my-pay', as: 'annotator', open: visit('/my-pay') },
  { name: 'my-pay-none', as: { name: 'Without Pay' }, open: visit('/my-pay') },
  { name: 'account', as: 'annotator', open: visit('/my-pay/account') },
  { name: 'account-none', as: { name: 'Without Account' }, open: visit('/my-pay/account') },
  {
    name: 'account-refused',
    as: { name: 'Hasty Payee' },
    open: async (page) => {
      await page.goto('/my-pay/account');
      await page.getByRole('radio', { name: /US bank account/ }).check();
      await page.getByLabel('Routing number').fill('12345');
      await sendUnchecked(page, 'Keep it');
    },
  },
  { name: 'my-pay-slip', as: 'annotator', open: (page) => firstOf(page, '/my-pay') },
  { name: 'pay', as: 'manager', open: visit('/pay') },
  { name: 'pay-thresholds', as: 'manager', open: visit('/pay/thresholds') },
  { name: 'pay-accounts', as: 'manager', open: visit('/pay/accounts') },
  { name: 'pay-accounts-none', as: 'manager', open: visit('/pay/accounts?show=shared') },
  { name: 'notices-none', as: { name: 'Without Notices' }, open: visit('/notices') },
  { name: 'notices', as: 'annotator', open: visit('/notices') },
  { name: 'pay-disputes', as: 'manager', open: visit('/pay/disputes') },
  { name: 'pay-disputes-ended', as: 'manager', open: visit('/pay/disputes?show=ended') },
  { name: 'pay-report', as: 'manager', open: visit('/pay/report') },
  {
    name: 'pay-report-refused',
    as: 'manager',
    open: async (page) => {
      await page.goto('/pay/report');
      await page.getByLabel('or paste what is in it').fill('reference,state\nnothing,paid');
      await sendUnchecked(page, 'Take it in');
    },
  },
  { name: 'pay-payer', as: 'manager', open: visit('/pay/payer') },
  {
    name: 'pay-payer-refused',
    as: 'manager',
    open: async (page) => {
      await page.goto('/pay/payer');
      await page.getByLabel('Town').fill('Lisboa');
      await page.getByLabel('Country').fill('Portugal');
      await sendUnchecked(page, 'Keep');
    },
  },
  { name: 'pay-file', as: 'manager', open: async (page) => {
    await batchOf(page, /Sent|In part sent|Paid/);
    await page.getByRole('region', { name: 'Paying' }).locator('.row-link').first().click();
    await page.waitForURL(/pay\/files\/[0-9a-f-]+$/);
  } },
  { name: 'pay-account-held', as: 'manager', open: async (page) => {
    await page.goto('/pay/accounts?show=held');
    await page.getByRole('link', { name: 'Rosa Quispe' }).click();
    await page.waitForURL(/accounts\/[0-9a-f-]+$/);
  } },
  { name: 'pay-batch-open', as: 'manager', open: (page) => batchOf(page, 'Open') },
  { name: 'pay-batch-approved', as: 'manager', open: (page) => batchOf(page, /Sent|In part sent|Paid/) },
  { name: 'pay-batch-people', as: 'manager', open: async (page) => {
    await batchOf(page, 'Open');
    await page.locator('details.rest > summary').first().click();
  } },
  { name: 'pay-slip', as: 'manager', open: async (page) => {
    await batchOf(page, 'Open');
    await page.locator('.exception-head a, details.rest a').first().evaluate((link) => link.click());
    await page.getByRole('table').waitFor();
  } },
  { name: 'timesheet', as: 'annotator', open: visit('/timesheet') },
  { name: 'timesheet-before', as: 'annotator', open: async (page) => {
    await page.goto('/timesheet');
    await page.getByRole('link', { name: 'The week before' }).click();
    await page.waitForURL(/week=/);
  } },
  { name: 'timesheet-none', as: { name: 'Without Hours' }, open: visit('/timesheet') },
  {
    name: 'timesheet-refused',
    as: { name: 'Hasty Person' },
    open: async (page, office) => {
      await office.workplace(page);
      await page.getByLabel(/^Hours, .*Monday/).fill('many');
      await page.getByLabel(/^Hours, .*Tuesday/).fill('25');
      await sendUnchecked(page, 'Submit the week');
    },
  },
  {
    name: 'timesheet-staff',
    as: 'manager',
    open: async (page) => {
      await projectByCode(page, 'RAD-3');
      await page.getByRole('link', { name: /Timesheet of Ana/ }).click();
      await page.waitForURL(/person=/);
      await page.getByRole('link', { name: 'The week before' }).click();
      await page.getByRole('heading', { name: 'Return a line' }).waitFor();
    },
  },
  { name: 'files', as: 'manager', open: visit('/timesheet/files') },
  { name: 'files-ready', as: 'manager', open: (page, office) => bringFiles(page, office, 'ready') },
  { name: 'files-wrong', as: 'manager', open: (page, office) => bringFiles(page, office, 'wrong') },
  { name: 'files-unclear', as: 'manager', open: (page, office) => bringFiles(page, office, 'unclear') },
  { name: 'files-taken', as: 'manager', open: async (page, office) => {
    await bringFiles(page, office, 'ready');
    await page.getByLabel(/unusual/).check();
    await page.getByRole('button', { name: /^Take / }).click();
    await page.getByText('on its way to be paid').waitFor();
  } },
  { name: 'project-new', as: 'admin', open: visit('/projects/new') },
  { name: 'workflows', as: 'admin', open: visit('/workflows') },
  { name: 'workflow', as: 'reviewer', open: visit('/workflows/invoice-check') },
  { name: 'workflow-with-model', as: 'reviewer', open: visit('/workflows/document-intake') },
  { name: 'schedules', as: 'manager', open: visit('/schedules') },
  { name: 'webhooks-none', as: 'reviewer', open: visit('/webhooks') },
  { name: 'models', as: 'admin', open: visit('/models') },
  { name: 'model', as: 'reviewer', open: visit('/models/desk-reader') },
  { name: 'prompts', as: 'reviewer', open: visit('/prompts') },
  { name: 'prompt', as: 'admin', open: visit('/prompts/extract-fields') },
  {
    name: 'run-with-model',
    as: 'manager',
    open: async (page) => {
      await runByKey(page, 'POST-9001');
      await page.locator('details.found > summary').first().click();
    },
  },
  { name: 'workflow-apply', as: 'admin', open: visit('/workflows/apply?from=invoice-check') },
  {
    name: 'workflow-refused',
    as: 'admin',
    open: async (page) => {
      await page.goto('/workflows/apply');
      await page.getByLabel('or write it here').fill('name: Wrong\nsteps:\n  route: {needs: nobody, rule: {set: {to: input.x +}}}\n');
      await press(page, 'See what changes');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'workflow-plan',
    as: 'admin',
    open: async (page) => {
      await page.goto('/workflows/apply?from=invoice-check');
      const source = page.getByLabel('or write it here');
      await source.fill((await source.inputValue()).replace('500000', '250000'));
      await press(page, 'See what changes');
      await page.getByRole('button', { name: 'Apply version' }).waitFor();
    },
  },
  { name: 'runs', as: 'manager', open: visit('/runs') },
  { name: 'runs-no-match', as: 'reviewer', open: visit('/runs?key=nothing-has-this-key') },
  { name: 'run', as: 'manager', open: (page) => runByKey(page, 'INV-2208') },
  { name: 'run-failed', as: 'reviewer', open: (page) => runByKey(page, 'CN-0117') },
  {
    name: 'run-start-refused',
    as: 'manager',
    open: async (page) => {
      await page.goto('/workflows/invoice-check/start');
      await page.getByLabel('Input').fill('{"supplier": ""}');
      await press(page, 'Start');
      await page.locator('#input-error span').waitFor();
    },
  },
  { name: 'run-needs-review', as: 'manager', open: (page) => runByKey(page, 'ID-20934') },
  { name: 'reviews', as: 'reviewer', open: visit('/reviews') },
  { name: 'reviews-none', as: 'manager', open: visit('/reviews?state=lapsed') },
  { name: 'review', as: 'reviewer', open: (page) => reviewByKey(page, 'ID-20936') },
  {
    name: 'review-refused',
    as: 'reviewer',
    open: async (page) => {
      await reviewByKey(page, 'ID-20932');
      await press(page, 'Reject');
      await page.locator('#reason-error span').waitFor();
    },
  },
  {
    name: 'review-decided',
    as: 'reviewer',
    open: async (page) => {
      await reviewByKey(page, 'ID-20935');
      const at = page.url();
      await page.getByLabel('What it should have been').fill('{"verified": true, "risk": "low"}');
      await page.getByLabel('Comment').fill('The licence was renewed; the old card was scanned.');
      await press(page, 'Correct');
      await page.goto(at);
    },
  },
  { name: 'runs-change', as: 'manager', open: visit('/runs/change?workflow=invoice-check&state=success') },
  { name: 'dead-letters-of-a-kind', as: 'manager', open: visit('/dead-letters?reason=poison') },
  { name: 'dead-letters', as: 'manager', open: visit('/dead-letters') },
  { name: 'queues', as: 'admin', open: visit('/queues') },
  {
    name: 'project-new-refused',
    as: 'admin',
    open: async (page) => {
      await page.goto('/projects/new');
      await page.getByLabel('Code').fill('?');
      await sendUnchecked(page, 'Make the project');
    },
  },
  {
    name: 'project-edit',
    as: 'admin',
    open: async (page) => {
      await projectByCode(page, 'RAD-3');
      await page.getByRole('link', { name: 'Edit' }).click();
      await page.waitForURL(/\/edit$/);
    },
  },

  // One's own things
  { name: 'profile', as: 'annotator', open: visit('/profile') },
  {
    name: 'profile-saved',
    as: { name: 'Saved Profile' },
    open: async (page) => {
      await page.goto('/profile');
      await press(page, 'Save');
      await page.getByText('Your profile is saved.').waitFor();
    },
  },
  { name: 'security', as: { name: 'Off Step' }, open: visit('/profile/security') },
  {
    name: 'security-enrolling',
    as: { name: 'New Step' },
    open: async (page) => {
      await page.goto('/profile/security');
      await press(page, 'Set it up');
      await page.getByLabel('Code from the app').waitFor();
    },
  },
  {
    name: 'security-refused',
    as: { name: 'Wrong Code' },
    open: async (page) => {
      await page.goto('/profile/security');
      await press(page, 'Set it up');
      await page.getByLabel('Code from the app').fill('123456');
      await press(page, 'Turn on');
      await page.locator('#code-error span').waitFor();
    },
  },
  { name: 'security-codes', as: { name: 'Fresh Codes' }, open: turnTwoStepOn },
  {
    name: 'security-on',
    as: { name: 'On Step' },
    open: async (page) => {
      await turnTwoStepOn(page);
      await signIn(await page.context().browser().newPage({ baseURL: new URL(page.url()).origin }), page.who.email);
      await page.goto('/profile/security');
      await page.getByText('Turn it off, or start again').click();
    },
  },
  { name: 'tokens-none', as: { name: 'No Token' }, open: visit('/profile/tokens') },
  {
    name: 'tokens',
    as: { name: 'Some Tokens', roles: ['admin'] },
    open: async (page) => {
      for (const name of ['Nightly report', 'Old laptop']) {
        await page.goto('/profile/tokens');
        await page.getByLabel('What is it for?').fill(name);
        await press(page, 'Make the token');
        await page.getByLabel('API token').waitFor();
      }
      await page.goto('/profile/tokens');
      await press(page, 'Revoke Old laptop');
      await page.getByText('The token is revoked.').waitFor();
    },
  },
  {
    name: 'token-made',
    as: { name: 'New Token' },
    open: async (page) => {
      await page.goto('/profile/tokens');
      await page.getByLabel('What is it for?').fill('Nightly report');
      await press(page, 'Make the token');
      await page.getByLabel('API token').waitFor();
    },
  },
  {
    name: 'tokens-refused',
    as: { name: 'Bad Token' },
    open: async (page) => {
      await page.goto('/profile/tokens');
      for (const box of await page.getByRole('checkbox').all()) await box.uncheck();
      await sendUnchecked(page, 'Make the token');
    },
  },

  // The audit log
  { name: 'audit', as: 'admin', open: visit('/audit') },
  {
    name: 'audit-line',
    as: 'manager',
    open: async (page) => {
      await page.goto('/audit?action=project.made');
      await page.locator('.audit-line summary').first().click();
    },
  },
  { name: 'audit-none', as: 'manager', open: visit('/audit?action=person.disabled&from=2001-01-01&until=2001-01-02') },
];

export { PASSWORD, ROLES };
