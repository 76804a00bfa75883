// What axe finds on every page in every state worth looking at: nothing, wide and narrow, light and dark.
import { expectAccessible } from '../support/axe.mjs';
import { SCENES } from '../support/scenes.mjs';
import { start } from '../support/server.mjs';
import { test } from '../support/test.mjs';

for (const { name, as, widths, open } of SCENES) {
  test(name, async ({ visitor, office }) => {
    const page = await visitor({ as });
    await open(page, office);
    await expectAccessible(page, { widths });
  });
}

test('set-up', async ({ visitor }) => {
  const server = await start({ demo: false });
  try {
    const [, link] = await server.said(/works once, for a day:\s+(\S+)/);
    const page = await visitor({ at: server.url });
    await page.goto(link);
    await expectAccessible(page);
  } finally {
    await server.stop();
  }
});
