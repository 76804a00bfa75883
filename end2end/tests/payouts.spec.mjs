// From an approved batch to money: the file, what became of it, and paying again what did not arrive.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { PASSWORD, call } from '../support/people.mjs';
import { awake, expect, test } from '../support/test.mjs';

/** A batch of one person who is paid somewhere, approved; the manager looks at it. */
async function approved(visitor, office, { name, currency, account, js = true }) {
  const page = await visitor({ js, as: { name } });
  await call(page.request, 'enter_account', { person: page.who.id, password: PASSWORD, holder: name, ...account });
  await office.workplace(page, { currency, rhythm: 'weekly' });
  // In euros others are paid, too: an amount that nobody else has.
  const [hours, sum] = currency === 'EUR' ? ['7:33', '151.00'] : ['7:30', '150.00'];
  await page.getByLabel(/^Hours, .*Monday/).fill(hours);
  await page.getByRole('button', { name: 'Submit the week' }).click();
  await expect(page.getByText('The week is submitted.')).toBeVisible();
  const manager = await visitor({ js, as: 'manager' });
  await expect(async () => {
    await manager.goto('/pay');
    await expect(manager.getByRole('row').filter({ hasText: `${sum} ${currency}` })).toHaveCount(1, { timeout: 200 });
  }).toPass({ timeout: 15_000 });
  await manager.getByRole('row').filter({ hasText: `${sum} ${currency}` }).getByRole('link').click();
  // In a currency that others were paid in before, a first payment is looked at.
  if (currency === 'EUR') {
    await manager.getByLabel('Reason').fill('New on the project');
    await manager.getByRole('button', { name: 'Accept' }).click();
  }
  await manager.getByRole('button', { name: 'Approve' }).click();
  await expect(manager.getByText('The batch is approved.')).toBeVisible();
  return { page, manager };
}

async function downloaded(page) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

const paying = (page) => page.getByRole('region', { name: 'Paying' });

test('a SEPA file is made once, what came back is paid again, and whoever is paid sees it', async ({ visitor, office }) => {
  const iban = { method: 'iban', iban: 'NL91 ABNA 0417 1643 00' };
  const { page, manager } = await approved(visitor, office, { name: 'Žofie Nováková', currency: 'EUR', account: iban });
  await expect(paying(manager)).toContainText('1 to be sent.');
  await expect(paying(manager)).toContainText('Bank accounts in SEPA');
  await manager.getByLabel('To be carried out on').fill('2020-01-01');
  await manager.getByRole('button', { name: 'Make the file' }).click();
  await expect(manager.getByText('This day is over.')).toBeVisible();
  // Wherever the manager is, that is today or later.
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await manager.getByLabel('To be carried out on').fill(tomorrow);
  await manager.getByRole('button', { name: 'Make the file' }).click();
  await expect(manager.getByText('The file is made.')).toBeVisible();
  const first = await downloaded(manager);
  expect(first.name).toMatch(/^pain\.001\.001\.09-.*\.xml$/);
  for (const part of ['<CtrlSum>151.00</CtrlSum>', 'NL91ABNA0417164300', '<Nm>Zofie Novakova</Nm>']) expect(first.text).toContain(part);
  expect((await downloaded(manager)).text).toBe(first.text);
  await page.goto('/my-pay');
  await expect(page.getByRole('row').filter({ hasText: '151.00 EUR' })).toContainText('Sent');

  await manager.getByRole('button', { name: 'All were paid' }).click();
  await expect(manager.getByText('One payment is paid.')).toBeVisible();
  await page.reload();
  await page.getByRole('row').filter({ hasText: 'Paid' }).getByRole('link').click();
  await expect(page.getByRole('list', { name: 'How far it has come' })).toContainText(/Paid, \d/);

  // The bank sends it back: without a reason that is not taken down.
  await manager.getByText('What became of it').first().click();
  await manager.getByRole('button', { name: 'Note it' }).click();
  await expect(manager.getByText('Say in at most 200 characters why.')).toBeVisible();
  await manager.getByPlaceholder('Why it did not arrive').fill('AC04: the account is closed');
  await manager.getByRole('button', { name: 'Note it' }).click();
  await expect(manager.getByText('It is noted.')).toBeVisible();
  await page.goto('/my-pay');
  await expect(page.getByRole('row').filter({ hasText: 'Did not arrive' })).toContainText('AC04: the account is closed');

  await manager.getByRole('link', { name: 'the batch' }).click();
  await expect(manager.getByRole('region', { name: 'Not on the way' })).toContainText('Returned: AC04: the account is closed');
  await manager.getByRole('button', { name: 'Pay it to NL91 •••• 4300' }).click();
  await expect(manager.getByText('It is ready to be sent with the next file.')).toBeVisible();
  await manager.getByRole('button', { name: 'Make the file' }).click();
  const second = await downloaded(manager);
  const reference = (text) => /<EndToEndId>(\w+)</.exec(text)[1];
  expect(reference(second.text)).not.toBe(reference(first.text));

  // All of it in one file, which the program checks without a server; what somebody changes in it is found.
  await manager.getByRole('link', { name: 'the batch' }).click();
  const [bundle] = await Promise.all([manager.waitForEvent('download'), manager.getByRole('link', { name: 'The bundle' }).click()]);
  const verify = (path) => promisify(execFile)(process.env.COUNTERSIGN_BIN, ['payment', 'verify', path]);
  const { stdout } = await verify(await bundle.path());
  expect(stdout).toContain('2 payment files, byte for byte');
  expect(stdout).toContain('The bundle holds.');
  const content = await readFile(await bundle.path());
  content[content.length >> 1] ^= 1;
  const changed = `${await bundle.path()}.changed`;
  await writeFile(changed, content);
  expect((await verify(changed).catch((error) => error)).code).not.toBe(0);
});

test('a file that was not sent is withdrawn, without JavaScript', async ({ visitor, office }) => {
  const account = { method: 'paypal', email: 'zodwa@example.org' };
  const { manager } = await approved(visitor, office, { name: 'Zodwa Dlamini', currency: 'ZAR', account, js: false });
  await manager.getByRole('combobox', { name: 'File' }).selectOption('csv');
  await manager.getByRole('button', { name: 'Make the file' }).click();
  await expect(manager.getByText('The file is made.')).toBeVisible();
  await manager.getByRole('button', { name: 'It was not sent' }).click();
  await expect(manager.getByText('The file is withdrawn.')).toBeVisible();
  await expect(paying(manager)).toContainText('1 to be sent.');
  await expect(paying(manager).getByRole('row').filter({ hasText: 'Withdrawn' })).toHaveCount(1);
  await manager.getByRole('button', { name: 'Make the file' }).click();
  await expect(manager.getByRole('row').filter({ hasText: 'Zodwa Dlamini' })).toContainText('Sent');
});

test('what the bank answers is taken in whole, and again without harm', async ({ visitor, office }) => {
  const iban = { method: 'iban', iban: 'NO93 8601 1117 947' };
  const { page, manager } = await approved(visitor, office, { name: 'Øyvind Å', currency: 'MXN', account: iban });
  await manager.getByRole('button', { name: 'Make the file' }).click();
  await expect(manager.getByText('The file is made.')).toBeVisible();
  const { text } = await downloaded(manager);
  const id = manager.url().split('/').pop().replaceAll('-', '');
  const [, reference] = /\n(\w{12}),/.exec(text);

  await manager.goto('/pay/report');
  await manager.getByLabel('or paste what is in it').fill(`reference,state\n${reference},perhaps`);
  await manager.getByRole('button', { name: 'Take it in' }).click();
  await expect(manager.locator('#report-error')).toContainText('Line 2: “perhaps” is no state we know.');
  const answer = `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>
    <OrgnlGrpInfAndSts><OrgnlMsgId>${id}</OrgnlMsgId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>
    <OrgnlPmtInfId>${id}-1</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>${reference}</OrgnlEndToEndId><TxSts>RJCT</TxSts>
    <StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Closed</AddtlInf></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`;
  const send = async () => {
    await manager.getByLabel('File').setInputFiles({ name: 'answer.xml', mimeType: 'application/xml', buffer: Buffer.from(answer) });
    await manager.getByRole('button', { name: 'Take it in' }).click();
  };
  await send();
  await expect(manager.getByText('The report is taken: 1 failed.')).toBeVisible();
  await expect(manager.getByRole('row').filter({ hasText: 'Øyvind Å' })).toContainText('AC04: Closed');
  await manager.getByRole('link', { name: 'Another report' }).click();
  await send();
  await expect(manager.getByText('Nothing is new in this report: 1 known before.')).toBeVisible();
  await page.goto('/my-pay');
  await expect(page.getByRole('row').filter({ hasText: 'Did not arrive' })).toContainText('AC04: Closed');
  await page.goto('/notices');
  await expect(page.getByRole('button', { name: /Your pay is on its way/ })).toContainText('150.00 MXN');
  await expect(page.getByRole('button', { name: /A payment did not arrive/ })).toContainText('AC04: Closed.');
});

test('who pays is set whole, and what is wrong is said beside it', async ({ visitor }) => {
  const manager = await visitor({ as: 'manager' });
  await manager.goto('/pay/payer');
  await awake(manager);
  await expect(manager.getByLabel('Name', { exact: true })).toHaveValue('Countersign Demo Desk');
  await manager.getByLabel('Company id').fill('1123');
  await manager.getByRole('button', { name: 'Keep' }).click();
  await expect(manager.locator('#company_id-error')).toContainText('ten characters');
  await manager.getByLabel('Routing number').fill('021000021');
  await manager.getByLabel('Name of the bank').fill('First Bank');
  await manager.getByLabel('Company id').fill('1123456789');
  await manager.getByRole('button', { name: 'Keep' }).click();
  await expect(manager.getByText('Kept. Payment files are made with it from now on.')).toBeVisible();
});
