import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Application } from '../harness/application.mjs';
import { launch } from '../harness/chromium.mjs';
import { eventually } from '../harness/eventually.mjs';
import { Reverb } from '../harness/reverb.mjs';

const timeout = 120_000;
const library = fileURLToPath(new URL('../node_modules/pusher-js/dist/web/pusher.min.js', import.meta.url));

describe('`./reverb start` with nothing configured', () => {
  let reverb, browser;

  before(async () => {
    reverb = await Reverb.start({ app: null });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await reverb?.stop();
  });

  /** What was printed between a line that starts with `title` and the next empty one. */
  const printed = (title) => {
    const lines = reverb.output.split('\n');
    const first = lines.findIndex((line) => line.startsWith(title)) + 1;
    assert.notEqual(first, 0, `"${title}" in:\n${reverb.output}`);
    return lines.slice(first, lines.indexOf('', first)).join('\n');
  };

  test('prints a page and two ways to publish to it, which work as they are printed', { timeout }, async () => {
    await eventually('the last line is printed', 20_000, () => reverb.output.includes('curl -d'));
    assert.match(reverb.output, /for development only/i);
    const env = Object.fromEntries(printed("A Laravel application's .env").split('\n').map((line) => line.trim().split('=')));
    assert.deepEqual([env.REVERB_HOST, env.REVERB_PORT, env.REVERB_SCHEME], [reverb.host, String(reverb.port), 'http']);
    const application = await Application.start(reverb, { id: env.REVERB_APP_ID, key: env.REVERB_APP_KEY, secret: env.REVERB_APP_SECRET });

    const page = await browser.newPage();
    const logged = [];
    page.on('console', async (message) => logged.push(await message.args()[0]?.jsonValue()));
    // the library comes from the package in place of the network
    await page.route('https://js.pusher.com/**', async (route) => route.fulfill({ body: await readFile(library, 'utf8'), contentType: 'text/javascript' }));
    const site = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(printed('A page that')));
    await once(site.listen(0, '127.0.0.1'), 'listening');
    await page.goto(`http://127.0.0.1:${site.address().port}/`);
    await eventually('the page has subscribed', 20_000, async () => {
      const { channels } = await (await application.pusher.get({ path: '/channels' })).json();
      return 'chat' in channels;
    });

    for (const [times, title] of [[1, 'Publish to it'], [2, 'The same with nothing but curl']]) {
      const { code, output } = await reverb.shell(printed(title));
      assert.equal(code, 0, output);
      await eventually(`the page hears what "${title}" sends`, 20_000, () => logged.length === times);
      assert.deepEqual(logged.at(-1), { text: 'Hello' });
    }
    await application.stop();
    site.close();
    site.closeAllConnections();
  });
});
