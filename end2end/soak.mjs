// Many people at once, clicking about: node soak.mjs --sessions 30 --seconds 120
// Prints one JSON object; ends with 1 if anything in it went wrong.
import { parseArgs } from 'node:util';

import { chromium } from '@playwright/test';

import { launch, watch } from './support/browser.mjs';
import { EVERYBODYS, Office, ROLES, signIn, signInQuietly } from './support/people.mjs';
import { start } from './support/server.mjs';

const { values } = parseArgs({
  options: { sessions: { type: 'string', default: '30' }, seconds: { type: 'string', default: '120' } },
});
const sessions = Number(values.sessions);
const seconds = Number(values.seconds);

const server = await start({ demo: true });
const browser = await chromium.launch(launch());
const counts = { pages: 0, errors: 0, console_errors: 0, status_5xx: 0 };
const until = Date.now() + seconds * 1000;
const pick = (list) => list[Math.floor(Math.random() * list.length)];

function tell(line) {
  console.error(line);
  if (/^5\d\d /.test(line)) counts.status_5xx += 1;
  else counts.console_errors += 1;
}

/** One thing somebody might do next. */
async function act(page, role) {
  const chance = Math.random();
  if (chance < 0.1) {
    await page.goto(pick([...EVERYBODYS, ...ROLES[role].may, ...ROLES[role].mayNot, '/nowhere']));
  } else if (chance < 0.2 && ROLES[role].may.includes('/people')) {
    await page.goto(`/people?q=${pick(['an', 'Ö', 'example', "'", 'ka', ''])}`);
  } else if (chance < 0.25) {
    await page.goto('/profile');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('main').waitFor();
  } else if (chance < 0.3) {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(pick(['ra', 'proj', 'aud']));
    await page.keyboard.press('Escape');
    return;
  } else {
    // Pages, not documents: what a browser makes of those is not ours.
    const links = page.locator('a[href^="/"]:not([download], [href^="/api/v1/"]):visible');
    const count = await links.count();
    if (count === 0) await page.goto('/');
    else await links.nth(Math.floor(Math.random() * count)).click();
  }
  await page.waitForLoadState('domcontentloaded');
  counts.pages += 1;
}

async function session(n, office) {
  const role = Object.keys(ROLES)[n % 4];
  const scripts = n % 5 !== 4;
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: n % 3 === 0 ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    colorScheme: n % 2 === 0 ? 'light' : 'dark',
    javaScriptEnabled: scripts,
  });
  context.setDefaultTimeout(30_000);
  watch(context, tell, { scripts });
  // Everybody is somebody of their own, as thirty people at work are.
  const maker = await browser.newContext({ baseURL: server.url });
  const { email } = await office.person(maker.request, { name: `Soak ${role} ${n}`, roles: [role] });
  await maker.close();
  const page = await context.newPage();
  await signIn(page, email);
  await page.waitForURL('/');
  while (Date.now() < until) {
    try {
      await act(page, role);
    } catch (error) {
      // What is clicked may be gone, or under something, by the time it is reached; that is nobody's fault.
      if (!/not visible|outside of the viewport|intercepts pointer|detached|interrupted|Timeout/.test(error.message)) {
        counts.errors += 1;
        console.error(error.message.split('\n')[0]);
      }
      await page.goto('/');
    }
    await page.waitForTimeout(200 + Math.random() * 800);
  }
  await context.close();
}

const desk = await browser.newContext({ baseURL: server.url });
await signInQuietly(desk.request, ROLES.admin.email);
const ends = await Promise.allSettled(Array.from({ length: sessions }, (_, n) => session(n, new Office(desk.request))));
for (const end of ends.filter((end) => end.status === 'rejected')) {
  counts.errors += 1;
  console.error(end.reason.message);
}
await browser.close();
const panics = server.stderr.split('\n').filter((line) => line.includes('panicked')).length;
let stopped = 0;
await server.stop().catch((error) => {
  stopped = 1;
  console.error(error.message);
});
const report = {
  sessions,
  seconds,
  pages: counts.pages,
  errors: counts.errors + stopped,
  console_errors: counts.console_errors,
  server_panics: panics,
  status_5xx: counts.status_5xx,
};
console.log(JSON.stringify(report));
process.exitCode = report.errors + report.console_errors + report.server_panics + report.status_5xx > 0 ? 1 : 0;
