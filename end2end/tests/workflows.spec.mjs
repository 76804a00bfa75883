// Definitions, models and prompts on their way: written, refused, planned, applied, compared.
import { expect, test } from '../support/test.mjs';

for (const js of [true, false]) {
  test(`a definition is applied once it is right ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const admin = await visitor({ js, as: 'admin' });
    const name = `greet-${js ? 'a' : 'b'}`;
    const source = (words) => `name: ${name}\ntitle: Greeting\nsteps:\n  say:\n    rule:\n      set:\n        words: ${words}\n`;
    await admin.goto('/workflows');
    await admin.getByRole('link', { name: 'Apply a file' }).click();
    const field = admin.getByLabel('or write it here');
    const look = admin.getByRole('button', { name: 'See what changes' });

    // A text that is not quoted is a name that means nothing; what was written stays.
    await field.fill(source('hello'));
    await look.click();
    await expect(admin.getByRole('alert')).toContainText('Line 7, column 16: “hello” means nothing here.');
    await expect(field).toHaveValue(source('hello'));

    await field.fill(source(`'"hello"'`));
    await look.click();
    await expect(admin.getByText('It begins with version 1.')).toBeVisible();
    await admin.getByRole('button', { name: 'Apply version 1' }).click();
    await expect(admin).toHaveURL(`/workflows/${name}`);
    await expect(admin.getByText('Version 1 of Greeting is applied.')).toBeVisible();
    await expect(admin.getByRole('img', { name: /1 steps/ })).toBeVisible();

    await admin.getByRole('link', { name: 'New version' }).click();
    await expect(field).toHaveValue(source(`'"hello"'`));
    await field.fill(source(`'"good day"'`));
    await look.click();
    await expect(admin.locator('.difference ins')).toContainText(`+        words: '"good day"'`);
    await admin.getByRole('button', { name: 'Apply version 2' }).click();
    await expect(admin.getByRole('heading', { name: 'Different from version 1' })).toBeVisible();
    await admin.getByRole('link', { name: 'Version 1', exact: true }).click();
    await expect(admin.getByText('Older version')).toBeVisible();
    await expect(admin.locator('pre.code').last()).toContainText('"hello"');

    // Saying the same again is no third version.
    await admin.getByRole('link', { name: 'New version' }).click();
    await look.click();
    await expect(admin.getByText('says this already')).toBeVisible();
    await expect(admin.getByRole('button', { name: /Apply version/ })).toHaveCount(0);
  });
}

for (const js of [true, false]) {
  test(`a new prompt is taken by a workflow that is applied again ${js ? 'with' : 'without'} JavaScript`, async ({ visitor }) => {
    const admin = await visitor({ js, as: 'admin' });
    const name = `greet-model-${js ? 'a' : 'b'}`;
    const apply = async (source, button) => {
      await admin.goto('/workflows/apply');
      await admin.getByLabel('or write it here').fill(source);
      await admin.getByRole('button', { name: 'See what changes' }).click();
      if (button) await admin.getByRole('button', { name: button }).click();
    };
    const prompt = (words) => `prompt: ${name}\nuser: ${words} {{ who }}.\n`;
    const workflow = (given) =>
      `name: ${name}\nsteps:\n  say:\n    llm:\n      model: desk-reader\n      prompt: ${name}\n      with: {${given}: input.who}\noutput: {words: steps.say.text}\n`;
    await apply(prompt('Say good day to'), 'Apply version 1');
    await expect(admin).toHaveURL(`/prompts/${name}`);
    await expect(admin.getByText('A step gives it who')).toBeVisible();

    // What the prompt is not given is said before anything is kept.
    await apply(workflow('whom'));
    await expect(admin.getByRole('alert')).toContainText(`does not give the prompt ${name}@1 its “who”`);
    await apply(workflow('who'), 'Apply version 1');
    await expect(admin.getByRole('link', { name: `${name}@1` })).toBeVisible();

    await apply(prompt('Wish a good evening to'), 'Apply version 2');
    await expect(admin.locator('.difference ins')).toContainText('Wish a good evening');
    await apply(workflow('who'));
    await expect(admin.locator('.difference ins')).toContainText(`say asks desk-reader@1 with ${name}@2`);
    await admin.getByRole('button', { name: 'Apply version 2' }).click();
    await expect(admin.getByText('The file is the same; what was chosen for it is not.')).toBeVisible();

    // A run shows what was said, in which versions, and what it has cost.
    await admin.goto(`/workflows/${name}/start`);
    await admin.getByLabel('Input').fill('{"who": "Ada"}');
    await admin.getByRole('button', { name: 'Start' }).click();
    await expect
      .poll(async () => {
        await admin.reload();
        return admin.locator('.tag').first().textContent();
      })
      .toBe('Success');
    await admin.locator('details.found > summary').first().click();
    await expect(admin.locator('#say-1').getByRole('link', { name: `${name}, version 2` })).toBeVisible();
    await admin.getByText('What it was asked').click();
    await expect(admin.locator('.said pre').last()).toContainText('Wish a good evening to Ada.');
    await expect(admin.locator('.exchanges')).toContainText('It answered');
  });
}
