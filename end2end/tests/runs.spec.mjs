// An item on its way: started by hand, followed, tried again, cancelled; who may look and who may act.
import { expect, test } from '../support/test.mjs';

const ITEM = { supplier: 'Kessler', order: 'PO-1', ordered_cents: 5, total_cents: 5, lines: [{ text: 'Paper', cents: 5 }] };

/** Waits until the page, loaded anew, says that the run has ended. */
async function ended(page, state) {
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toContainText(state, { timeout: 200 });
  }).toPass();
}

for (const js of [true, false]) {
  test(`a run is started by hand and explains itself ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const manager = await visitor({ js, as: 'manager' });
    await manager.goto('/workflows/invoice-check');
    await manager.getByRole('link', { name: 'Start a run' }).click();
    const input = manager.getByLabel('Input');
    // What the schema names stands there already.
    await expect(input).toHaveValue(/"supplier": ""/);
    const start = manager.getByRole('button', { name: 'Start', exact: true });
    await input.fill('{"supplier": ');
    await start.click();
    await expect(manager.locator('#input-error')).toContainText('This is not JSON');
    await input.fill('{"supplier": ""}');
    await start.click();
    await expect(manager.locator('#input-error')).toContainText('"lines" is a required property');
    await expect(input).toHaveValue('{"supplier": ""}');

    const key = `by-hand-${js}`;
    await input.fill(JSON.stringify(ITEM));
    await manager.getByRole('textbox', { name: 'Key' }).fill(key);
    await start.click();
    await manager.waitForURL(/\/runs\/[0-9a-f-]+$/);
    const address = manager.url();
    await ended(manager, 'Success');
    // The same item from a terminal: without its key, which would be answered with this very run.
    const call = manager.getByLabel('The same item by curl');
    await expect(call).toHaveValue(/^curl -X POST http:\S+\/api\/v1\/runs .*"workflow": "invoice-check", "input": \{/);
    await expect(call).not.toHaveValue(/by-hand/);
    const steps = manager.getByRole('table', { name: 'Every try of every step' });
    await expect(steps.getByRole('row')).toHaveCount(5);
    await expect(steps.getByRole('row', { name: /no_order/ })).toContainText('Skipped');
    await expect(manager.getByText('no_order was skipped: its condition does not hold.')).toBeVisible();
    await expect(manager.locator('#output + pre')).toContainText('"accounts payable"');

    // The same key with the same input is the same run.
    await manager.goto('/workflows/invoice-check/start');
    await input.fill(JSON.stringify(ITEM));
    await manager.getByRole('textbox', { name: 'Key' }).fill(key);
    await start.click();
    await expect(manager).toHaveURL(address);

    // Again from a step, with what was found before.
    await manager.locator('#route-1 summary').click();
    await manager.getByRole('button', { name: 'Try again from route' }).click();
    await manager.waitForURL(address);
    await ended(manager, 'Success');
    await expect(steps.getByRole('row', { name: /route · try 2/ })).toBeVisible();
    await expect(manager.getByText('Tried again from the step route.')).toBeVisible();
    await manager.getByRole('button', { name: 'Start over' }).click();
    await expect(manager).not.toHaveURL(address);
    await expect(manager.getByText('Does over')).toBeVisible();
  });
}

test('a page shows what happens while somebody looks at it', async ({ visitor }) => {
  const manager = await visitor({ as: 'manager' });
  const other = await visitor({ as: 'admin' });
  await other.goto('/workflows/invoice-check');
  await other.getByRole('button', { name: 'Pause' }).click();
  await other.getByRole('button', { name: 'Pause it' }).click();
  await manager.goto('/workflows/invoice-check/start');
  await manager.getByLabel('Input').fill(JSON.stringify(ITEM));
  await manager.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'RECON · Invoice reconciliation' });
  await manager.getByRole('button', { name: 'Start', exact: true }).click();
  await manager.waitForURL(/\/runs\/[0-9a-f-]+$/);
  const heading = manager.getByRole('heading', { level: 1 });
  await expect(heading).toContainText('Pending');
  const list = await visitor({ as: 'reviewer' });
  await list.goto('/runs?project=RECON&state=success');
  const before = await list.getByRole('row').count();
  await other.getByRole('button', { name: 'Go on' }).click();
  // Neither of the two loads anything anew.
  await expect(heading).toContainText('Success');
  await expect(manager.locator('#output + pre')).toContainText('"accounts payable"');
  await expect(list.getByRole('row')).toHaveCount(before + 1);
  // What somebody has opened stays open.
  await manager.locator('#route-1 summary').click();
  await expect(manager.locator('#route-1')).toHaveAttribute('open', '');
});

test('what failed says why, and lists find it', async ({ visitor }) => {
  const manager = await visitor({ as: 'manager' });
  await manager.goto('/runs');
  await manager.getByRole('searchbox', { name: 'Search' }).fill('CN-0117');
  await manager.getByRole('button', { name: 'Filter' }).click();
  const row = manager.getByRole('row', { name: /Invoice check/ });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('A credit note is not an invoice.');
  await row.getByRole('link').click();
  await expect(manager.getByRole('alert')).toContainText('A credit note is not an invoice.');
  await expect(manager.getByRole('button', { name: 'Try again', exact: true })).toBeVisible();
  await manager.goto('/runs?state=running&workflow=nothing');
  await expect(manager.getByText('No run fits this filter')).toBeVisible();
  await manager.goto('/queues');
  await expect(manager.getByText('At work', { exact: true })).toBeVisible();
  await manager.goto('/dead-letters');
  await expect(manager.getByText('No dead letters')).toBeVisible();
});

test('a reviewer looks and cannot act; an annotator sees nothing of it', async ({ visitor }) => {
  const reviewer = await visitor({ as: 'reviewer' });
  await reviewer.goto('/runs?key=INV-2208');
  await reviewer.getByRole('row', { name: /Invoice check/ }).getByRole('link').click();
  await expect(reviewer.getByRole('heading', { level: 1 })).toContainText('Invoice check');
  await expect(reviewer.getByRole('button', { name: /Start over|Try again|Cancel/ })).toHaveCount(0);
  const answer = await reviewer.request.post('/do/rerun_run', { form: { id: reviewer.url().split('/').pop() } });
  expect(answer.status()).toBe(403);
  const annotator = await visitor({ as: 'annotator' });
  await annotator.goto('/');
  await expect(annotator.getByRole('link', { name: 'Runs' })).toHaveCount(0);
  expect((await annotator.goto('/runs')).status()).toBe(403);
});

for (const js of [true, false]) {
  test(`a run that waits says for what, and goes on ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const admin = await visitor({ js, as: 'admin' });
    const name = `contract-${js ? 'a' : 'b'}`;
    await admin.goto('/workflows/apply');
    await admin.getByLabel('or write it here').fill(
      `name: ${name}\nsteps:\n  signed:\n    wait: {signal: contract-signed, within: 2d, otherwise: fail}\noutput: {came: steps.signed.came}\n`,
    );
    await admin.getByRole('button', { name: 'See what changes' }).click();
    await admin.getByRole('button', { name: 'Apply version 1' }).click();
    await expect(admin.getByText('waits for the signal contract-signed for 2d; otherwise: fail')).toBeVisible();
    await admin.getByRole('link', { name: 'Start a run' }).click();
    await admin.getByRole('button', { name: 'Start', exact: true }).click();
    await admin.waitForURL(/\/runs\/[0-9a-f-]+$/);
    const send = admin.getByRole('button', { name: 'Send the signal contract-signed' });
    await expect(async () => {
      await admin.reload();
      await expect(send).toBeVisible({ timeout: 200 });
    }).toPass();
    await expect(admin.getByText('signed waits for the signal contract-signed.')).toBeVisible();
    await send.click();
    await ended(admin, 'Success');
    await expect(admin.getByText('The signal contract-signed came. (Ada Okafor)')).toBeVisible();
    await expect(admin.locator('#output + pre')).toContainText('"came": true');

    await admin.getByRole('button', { name: 'Start over' }).click();
    await admin.waitForURL(/\/runs\/[0-9a-f-]+$/);
    await admin.getByRole('button', { name: 'Cancel' }).click();
    await expect(admin.getByRole('heading', { level: 1 })).toContainText('Cancelled');
    await expect(admin.getByText('Cancelled by Ada Okafor.')).toBeVisible();
  });
}

for (const js of [true, false]) {
  test(`many runs are counted first and then changed ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const admin = await visitor({ js, as: 'admin' });
    const name = `many-${js ? 'a' : 'b'}`;
    await admin.goto('/workflows/apply');
    await admin.getByLabel('or write it here').fill(`name: ${name}\nsteps:\n  rest:\n    wait: {for: 10d}\n`);
    await admin.getByRole('button', { name: 'See what changes' }).click();
    await admin.getByRole('button', { name: 'Apply version 1' }).click();
    for (let n = 0; n < 3; n += 1) {
      await admin.goto(`/workflows/${name}/start`);
      await admin.getByRole('button', { name: 'Start', exact: true }).click();
      await admin.waitForURL(/\/runs\/[0-9a-f-]+$/);
    }
    await admin.goto(`/runs?workflow=${name}`);
    await admin.getByRole('link', { name: 'Change all of these' }).click();
    await expect(admin.getByText('Try again: none of them')).toBeVisible();
    await expect(admin.getByRole('button', { name: /^Try again/ })).toHaveCount(0);
    await admin.getByRole('button', { name: 'Cancel: 3 runs' }).click();
    await expect(admin.getByText('3 runs are cancelled.')).toBeVisible();
    await admin.goto(`/runs?workflow=${name}&state=cancelled`);
    await expect(admin.getByText('3 runs', { exact: true })).toBeVisible();
    // A filter that means nothing changes nothing.
    await admin.goto('/runs/change?state=asleep');
    await expect(admin.getByText('This filter means nothing')).toBeVisible();
  });
}

for (const js of [true, false]) {
  test(`a workflow is paused and goes on ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const admin = await visitor({ js, as: 'admin' });
    const name = `rest-${js ? 'a' : 'b'}`;
    await admin.goto('/workflows/apply');
    await admin.getByLabel('or write it here').fill(`name: ${name}\nsteps:\n  one:\n    rule: {set: {x: '1'}}\n`);
    await admin.getByRole('button', { name: 'See what changes' }).click();
    await admin.getByRole('button', { name: 'Apply version 1' }).click();
    await admin.getByRole('button', { name: 'Pause', exact: true }).click();
    await admin.getByLabel('Why?').fill('The prices are wrong.');
    await admin.getByRole('button', { name: 'Pause it' }).click();
    await expect(admin.getByText('Paused by Ada Okafor')).toContainText('The prices are wrong.');
    // What workers know may be a second old.
    await admin.waitForTimeout(1_500);
    await admin.goto(`/workflows/${name}/start`);
    await admin.getByRole('button', { name: 'Start', exact: true }).click();
    await admin.waitForURL(/\/runs\/[0-9a-f-]+$/);
    const run = admin.url();
    await admin.waitForTimeout(500);
    await admin.reload();
    await expect(admin.getByText('No step has been tried yet.')).toBeVisible();
    await admin.goto('/queues');
    await expect(admin.getByRole('heading', { name: 'Paused' })).toBeVisible();
    await admin.goto(`/workflows/${name}`);
    await admin.getByRole('button', { name: 'Go on' }).click();
    await expect(admin.getByText('The workflow goes on.')).toBeVisible();
    await admin.goto(run);
    await expect
      .poll(
        async () => {
          await admin.reload();
          return admin.locator('.tag').first().textContent();
        },
        { timeout: 15_000 },
      )
      .toBe('Success');
  });
}
