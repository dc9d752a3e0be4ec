import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launch } from '../harness/chromium.mjs';
import { eventually } from '../harness/eventually.mjs';
import { freePort, Reverb } from '../harness/reverb.mjs';

const timeout = 120_000;
const file = pathToFileURL(fileURLToPath(new URL('../../examples/chat-page/index.html', import.meta.url)));
const library = fileURLToPath(new URL('../node_modules/pusher-js/dist/web/pusher.min.js', import.meta.url));

describe('the example page that chats', () => {
  let reverb, browser;
  before(async () => {
    reverb = await Reverb.start({ environment: { REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM: 'all' } });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await reverb?.stop();
  });

  /** Opens the page from its file; `asked` is every host that it asked for anything. */
  const open = async (parameters, { beside = true } = {}) => {
    const page = await browser.newPage();
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).host));
    page.on('websocket', (socket) => asked.push(new URL(socket.url()).host));
    if (beside) { // the library lies beside the page
      await page.route('file://**/pusher.min.js', async (route) => route.fulfill({ body: await readFile(library, 'utf8'), contentType: 'text/javascript' }));
    }
    await page.goto(`${file}?${new URLSearchParams(parameters)}`);
    return { page, asked, problem: () => page.textContent('#problem'), state: () => page.textContent('#state') };
  };
  const says = (opened, pattern) => eventually(`it says ${pattern}`, 30_000, async () => pattern.test(await opened.problem()));

  test('opened as a file without a host it says what to add, and asks nobody', { timeout }, async () => {
    const opened = await open({ key: reverb.app.key });
    await says(opened, /add \?host=/);
    assert.deepEqual(opened.asked.filter((host) => host !== ''), []);
  });

  test('without the library beside it, it says where to put it, and asks no other host for it', { timeout }, async () => {
    const opened = await open({ key: reverb.app.key, host: reverb.host, port: reverb.port }, { beside: false });
    await says(opened, /could not be loaded from pusher\.min\.js: put pusher\.min\.js .* beside this page/);
    assert.deepEqual(opened.asked.filter((host) => host !== ''), []);
  });

  test('a wrong key and a server that is away are said, and stay said', { timeout }, async () => {
    await says(await open({ key: 'nope', host: reverb.host, port: reverb.port }), /4001: no application has this key/);
    await says(await open({ key: 'nope', host: reverb.host, port: await freePort() }), /Is the server running/);
  });

  test('two visitors hear each other, and no other host is asked', { timeout }, async () => {
    const visitors = await Promise.all([0, 1].map(() => open({ key: reverb.app.key, host: reverb.host, port: reverb.port })));
    for (const { page } of visitors) {
      await page.waitForSelector('button:not([disabled])', { timeout: 30_000 });
    }
    await visitors[0].page.fill('#text', 'hello');
    await visitors[0].page.click('button');
    await visitors[1].page.waitForSelector('li:has-text("them: hello")', { timeout: 30_000 });
    const hosts = visitors.flatMap(({ asked }) => asked).filter((host) => host !== '');
    assert.deepEqual([...new Set(hosts)], [`${reverb.host}:${reverb.port}`]);
  });
});
