/** Everybody's password, in the demo and in what the tests make. */
export const PASSWORD = 'orbit kettle marble fox';

/** The demo's people, by role, with what each of them may see. */
export const ROLES = {
  admin: {
    email: 'ada@example.com',
    name: 'Ada Okafor',
    nav: ['Home', 'Notices', 'Timesheet', 'My pay', 'Pay', 'Projects', 'Reviews', 'Workflows', 'Models', 'Runs', 'People', 'Audit log'],
    may: ['/pay', '/pay/accounts', '/pay/disputes', '/pay/report', '/pay/payer', '/pay/thresholds', '/people', '/people/invite', '/people/import', '/projects/new', '/audit', '/workflows', '/workflows/apply', '/models', '/prompts', '/runs', '/dead-letters', '/queues', '/webhooks', '/schedules', '/reviews'],
    mayNot: [],
  },
  manager: {
    email: 'mara@example.com',
    name: 'Mara Lindqvist',
    nav: ['Home', 'Notices', 'Timesheet', 'My pay', 'Pay', 'Projects', 'Reviews', 'Workflows', 'Models', 'Runs', 'People', 'Audit log'],
    may: ['/pay', '/pay/accounts', '/pay/disputes', '/pay/report', '/pay/payer', '/pay/thresholds', '/people', '/audit', '/reviews', '/workflows', '/models/desk-reader', '/prompts/extract-fields', '/workflows/invoice-check/start', '/runs', '/dead-letters', '/queues'],
    mayNot: ['/people/invite', '/people/import', '/projects/new', '/workflows/apply'],
  },
  reviewer: {
    email: 'ravi@example.com',
    name: 'Ravi Chandrasekhar',
    nav: ['Home', 'Notices', 'Timesheet', 'My pay', 'Projects', 'Reviews', 'Workflows', 'Models', 'Runs'],
    may: ['/reviews', '/workflows', '/models', '/prompts', '/runs', '/dead-letters', '/queues'],
    mayNot: ['/pay', '/pay/accounts', '/pay/disputes', '/pay/report', '/pay/payer', '/pay/thresholds', '/workflows/invoice-check/start', '/people', '/people/invite', '/projects/new', '/audit'],
  },
  annotator: {
    email: 'ana@example.com',
    name: 'Ana Pérez Villalobos',
    nav: ['Home', 'Notices', 'Timesheet', 'My pay', 'Projects'],
    may: [],
    mayNot: ['/pay', '/pay/accounts', '/pay/disputes', '/pay/report', '/pay/payer', '/pay/thresholds', '/reviews', '/workflows', '/models', '/prompts', '/runs', '/webhooks', '/schedules', '/dead-letters', '/queues', '/people', '/people/invite', '/projects/new', '/audit'],
  },
};

/** What everybody may see. */
export const EVERYBODYS = ['/', '/notices', '/timesheet', '/timesheet/files', '/my-pay', '/my-pay/account', '/projects', '/profile', '/profile/security', '/profile/tokens'];

/** Calls a server function as an island does; throws unless it is done. */
export async function call(request, action, form) {
  const answer = await request.post(`/do/${action}`, {
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    data: new URLSearchParams(form).toString(),
    maxRedirects: 0,
  }).catch((error) => {
    throw new Error(`${action}: ${error.message}`);
  });
  if (answer.status() >= 400) throw new Error(`${action}: ${answer.status()} ${await answer.text()}`);
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

/** Signs in without the page, where signing in is not what is tested. The cookies stay with the request's context. */
export async function signInQuietly(request, email) {
  await call(request, 'sign_in', { email, password: PASSWORD });
}

/** Signs in as a person does. */
export async function signIn(page, email, password = PASSWORD) {
  await page.goto('/sign-in');
  await enter(page, email, password);
}

/** Fills in the sign-in form that is shown. */
export async function enter(page, email, password = PASSWORD) {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

let made = 0;

/** An admin at work behind the scenes: makes the people and projects a test needs. */
export class Office {
  constructor(request) {
    this.request = request;
  }

  /** A name nobody else has, in this worker or another. */
  static fresh(word) {
    made += 1;
    return `${word}${process.pid.toString(36)}${made.toString(36)}`;
  }

  async invite({ name = 'Test Person', roles = ['annotator'], email = `${Office.fresh('p')}@example.org` } = {}) {
    const form = [['email', email], ['name', name], ...roles.map((role) => ['roles[]', role])];
    return call(this.request, 'invite_person', form);
  }

  /** Somebody who has joined. `visitor` is the request of a fresh context, which is signed in by that. */
  async person(request, { name = 'Test Person', roles, zone = 'Europe/Lisbon' } = {}) {
    const invited = await this.invite({ name, roles });
    const secret = invited.link.split('/').pop();
    await call(request, 'accept_invitation', { secret, name, zone, password: PASSWORD });
    return { ...invited, name };
  }

  /** A project, by its code, with the page it is at. */
  async project({ name = 'Test project', client = 'Test client', code = Office.fresh('T-').toUpperCase(), currency = 'EUR' } = {}) {
    const answer = await this.request.post('/do/make_project', {
      headers: { accept: 'text/html' },
      form: { code, name, client, currency },
      maxRedirects: 0,
    });
    const path = answer.headers().location;
    return { code, name, client, path, id: path.split('/').pop() };
  }

  async member(project, email, role = 'annotator') {
    await call(this.request, 'set_member', { id: project.id, email, role });
  }

  /** A task, paid by the hour if nothing else is said. */
  async task(project, { name = 'Labels', paid_by = 'hours', unit = '' } = {}) {
    await call(this.request, 'add_task', { id: project.id, name, paid_by, unit });
  }

  /** The working days of the last week, which is over on every project. */
  static lastWeek() {
    const monday = new Date(Date.now() - 7 * 86_400_000);
    monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
    return [0, 1, 2, 3, 4].map((n) => new Date(monday.getTime() + n * 86_400_000).toISOString().slice(0, 10));
  }

  /** A project that pays these people for one task. */
  async payingProject(people, { currency, rhythm } = {}) {
    const project = await this.project({ currency });
    if (rhythm) {
      const terms = { rhythm, starts_on: '2024-01-01', cut_off_days: 5, grace_days: 9, pay_days: 20, zone: 'UTC', backdate_days: 60 };
      const empty = { period_hours: '', budget_hours: '', budget_units: '', budget_amount: '' };
      await call(this.request, 'set_terms', { id: project.id, version: 0, ...terms, ...empty });
    }
    for (const person of people) await this.member(project, person.email);
    await this.task(project);
    const rate = { id: project.id, from_on: '2020-01-01', hour_price: '20', unit_price: '0.5' };
    await call(this.request, 'write_rate', rate);
    return project;
  }

  /** Such a project, with the person of this page on it, who looks at their last week. */
  async workplace(page, { currency, rhythm } = {}) {
    const project = await this.payingProject([page.who], { currency, rhythm });
    const [week] = Office.lastWeek();
    await page.goto(`/timesheet?week=${week}`);
    await page.getByRole('button', { name: 'Add a row' }).click();
    await page.getByLabel(/^Hours, .*Monday/).waitFor();
    return { project, week };
  }
}
