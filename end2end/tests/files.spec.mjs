// Timesheets as files: brought together, looked at once, taken, and paid with one approval.
import { readFile } from 'node:fs/promises';

import { expect, test } from '../support/test.mjs';
import { Office, PASSWORD, call } from '../support/people.mjs';
import { csv, file, timesheet } from '../support/spreadsheets.mjs';

async function bring(page, files) {
  await page.goto('/timesheet/files');
  await page.getByLabel(/Drop spreadsheets here/).setInputFiles(files);
  await page.getByRole('button', { name: 'Look at the files' }).click();
}

const state = (page, name) => page.getByRole('row', { name: new RegExp(`^${name}`) });

test('twenty differing timesheets become one approved batch, and a file that pays it', async ({ visitor, office }, info) => {
  test.setTimeout(90_000);
  const people = [];
  for (const name of ['Ines Vingt', 'Jörg Zwanzig', 'Kim Twenty']) {
    const { who, request } = await visitor({ as: { name } });
    await call(request, 'enter_account', { person: who.id, method: 'paypal', email: who.email, password: PASSWORD });
    people.push(who);
  }
  const days = Office.lastWeek();
  const pattern = [29, 25, 34, 27, 32];
  const files = [];
  for (let n = 0; n < 20; n += 1) {
    const { code } = await office.payingProject(people, { currency: 'TRY', rhythm: 'weekly' });
    const minutes = (_, day) => pattern[days.indexOf(day)];
    files.push(timesheet(n, { code, people: people.map((person) => person.name), days, minutes }));
  }

  const manager = await visitor({ as: 'manager' });
  const since = Date.now();
  await bring(manager, files);
  await expect(manager.getByText('20 files ready')).toBeVisible();
  await expect(manager.getByText('300 lines')).toBeVisible();
  await expect(manager.getByText('147:00 hours')).toBeVisible();
  await manager.getByRole('button', { name: 'Take all 20 files' }).click();
  await expect(manager.getByText('20 files are taken, with 300 lines.')).toBeVisible();
  await expect(async () => {
    await manager.goto('/pay');
    await expect(manager.getByRole('row').filter({ hasText: '2,940.00 TRY' })).toHaveCount(1, { timeout: 200 });
  }).toPass({ timeout: 20_000 });
  await manager.getByRole('row').filter({ hasText: 'TRY' }).getByRole('link').click();
  await manager.getByRole('button', { name: 'Approve' }).click();
  await expect(manager.getByText('The batch is approved.')).toBeVisible();
  await manager.getByRole('button', { name: 'Make the file' }).click();
  const [out] = await Promise.all([manager.waitForEvent('download'), manager.getByRole('link', { name: 'Download' }).click()]);
  const rows = (await readFile(await out.path(), 'utf8')).trim().split('\r\n');
  expect(rows.map((row) => Number(row.split(',')[1]))).toEqual([980, 980, 980]);
  const took = `${((Date.now() - since) / 1000).toFixed(1)} s from twenty files to a file that pays`;
  console.log(took);
  info.annotations.push({ type: 'time', description: took });
});

for (const js of [true, false]) {
  test(`what is wrong has its row and column, and the rest is taken ${js ? 'with' : 'without'} JavaScript`, async ({ visitor, office }) => {
    const page = await visitor({ js, as: { name: `Filed ${js ? 'With' : 'Without'}` } });
    const { code } = await office.payingProject([page.who]);
    const [monday, tuesday, wednesday] = Office.lastWeek();
    const name = page.who.name;
    const head = ['Name', 'Project', 'Task', 'Date', 'Hours'];
    const right = csv([head, [name, code, 'Labels', monday, '7:30']]);
    const wrong = csv([head, [name, code, 'Labels', tuesday, 'many'], ['Nobody Known', code, 'Labels', tuesday, '3']]);
    const manager = await visitor({ js, as: 'manager' });
    await bring(manager, [file('right.csv', right), file('wrong.csv', wrong), file('again.csv', right)]);
    await expect(state(manager, 'right.csv')).toContainText('Ready');
    await expect(state(manager, 'wrong.csv')).toContainText('Needs you');
    await expect(state(manager, 'again.csv')).toContainText('Twice in here');
    await expect(manager.getByRole('row').filter({ hasText: 'Write hours like' })).toContainText('2');
    await expect(manager.getByText('Nobody here is called “Nobody Known”')).toBeVisible();
    await manager.getByRole('button', { name: 'Take one file' }).click();
    await expect(state(manager, 'right.csv')).toContainText('Taken');
    await expect(state(manager, 'again.csv')).toContainText('Taken before');

    // The same content is known wherever it comes from.
    await bring(manager, [file('other name.csv', right)]);
    await expect(state(manager, 'other name.csv')).toContainText('as right.csv');

    // Columns without a meaning are given one, and keep it.
    const [who, when, much] = js ? ['Wer', 'Wann', 'Wieviel'] : ['Quis', 'Quando', 'Quantum'];
    const odd = (day) => csv([[who, when, much], [name, day, '2']]);
    await bring(manager, [file(`${code}.csv`, odd(wednesday))]);
    await manager.getByLabel(new RegExp(who)).selectOption('Person');
    await manager.getByLabel(new RegExp(when)).selectOption('Date');
    await manager.getByLabel(new RegExp(much)).selectOption('Hours');
    await manager.getByRole('button', { name: 'Read it so' }).click();
    await expect(state(manager, code).first()).toContainText('Ready');
    await bring(manager, [file(`${code} later.csv`, odd(tuesday))]);
    await expect(state(manager, code).first()).toContainText('Ready');
    await manager.getByRole('button', { name: 'Forget what is not taken' }).click();
    await expect(manager.getByText('What was not taken is forgotten.')).toBeVisible();
  });
}

test('an annotator brings drafts of their own', async ({ visitor, office }) => {
  const page = await visitor({ as: { name: 'Own Filer' } });
  const { code } = await office.payingProject([page.who]);
  const [monday] = Office.lastWeek();
  await page.goto('/timesheet');
  await page.getByRole('link', { name: 'From files' }).click();
  await bring(page, [file('mine.csv', csv([['Project', 'Date', 'Hours'], [code, monday, '6:15']]))]);
  await page.getByRole('button', { name: 'Take one file' }).click();
  await expect(page.getByText('All of it is in your drafts.')).toBeVisible();
  await page.goto(`/timesheet?week=${monday}`);
  await expect(page.getByLabel(/^Hours, .*Monday/)).toHaveValue('6:15');
});
