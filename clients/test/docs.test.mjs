import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Application } from '../harness/application.mjs';
import { eventually } from '../harness/eventually.mjs';
import { Reverb } from '../harness/reverb.mjs';

const timeout = 120_000;
const root = fileURLToPath(new URL('../../', import.meta.url));
const clients = fileURLToPath(new URL('../', import.meta.url));
const app = { id: 'my-app', key: 'my-key', secret: 'my-secret' };

/** Every block of code in README and pages: `{page, language, text}`. */
async function blocks() {
  const pages = ['README.md', ...(await readdir(`${root}docs`)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
    'packages/laravel/README.md', 'packages/pusher-js-resume/README.md'];
  const found = [];
  for (const page of pages) {
    for (const [, indent, language, text] of (await readFile(root + page, 'utf8')).matchAll(/^( *)```(\w*)\n([^]*?)^ *```/gm)) {
      found.push({ page, language, text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), '') });
    }
  }
  return found;
}

describe('the code of README, pages and examples', () => {
  let folder, reverb, application;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reverb-docs-'));
    reverb = await Reverb.start({ app });
    application = await Application.start(reverb);
  });
  after(async () => {
    await application?.stop();
    await reverb?.stop();
    await rm(folder, { recursive: true });
  });

  /** What reads a language, and a whole program of what a page shows of one. */
  const languages = {
    js: { name: 'x.mjs', command: ['node', '--check'], whole: (text) => text },
    php: { name: 'x.php', command: ['php', '-l'], whole: (text) => (text.startsWith('<?php') ? text : text.startsWith("'") ? `<?php return [\n${text}\n];` : `<?php\n${text}`) },
    python: { name: 'x.py', command: ['python3', '-m', 'py_compile'], whole: (text) => text },
  };

  test('JavaScript, PHP and Python are what their own readers take', { timeout }, async () => {
    const read = {};
    for (const { page, language, text } of await blocks()) {
      if (language in languages) {
        const { name, command: [program, ...arguments_], whole } = languages[language];
        await writeFile(join(folder, name), whole(text));
        const { status, stdout, stderr } = spawnSync(program, [...arguments_, join(folder, name)], { encoding: 'utf8' });
        assert.equal(status, 0, `${page}:\n${text}\n${stdout}${stderr}`);
        read[language] = (read[language] ?? 0) + 1;
      }
    }
    assert.ok(read.js > 4 && read.php > 3 && read.python > 0, JSON.stringify(read));
  });

  /** Runs a module as an application of `clients/` would have it; `arrives` awaits what it prints. */
  const run = (code) => {
    const child = spawn('node', ['--input-type=module', '--eval', code], { cwd: clients, stdio: ['ignore', 'pipe', 'pipe'] });
    process.once('exit', () => child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    return {
      arrives: (pattern) => eventually(`it prints ${pattern}`, 30_000, () => pattern.test(output)).catch(() => assert.fail(`no ${pattern} in:\n${output}`)),
      async stop() {
        child.kill();
        await once(child, 'exit');
      },
    };
  };
  const subscribed = (channel) => eventually(`somebody is on ${channel}`, 30_000, async () =>
    channel in (await (await application.pusher.get({ path: '/channels' })).json()).channels);

  test("README's script in a page receives what README's command publishes", { timeout }, async () => {
    const all = (await blocks()).filter(({ page }) => page === 'README.md');
    const script = all.find(({ language }) => language === 'js').text;
    assert.match(script, /wsPort: 8080/);
    const page = run(script.replace('8080', reverb.port));
    try {
      await subscribed('orders');
      const publish = all.find(({ text }) => text.includes('reverb publish')).text;
      const { code, output } = await reverb.shell(`${publish.trim()} --port ${reverb.port}`);
      assert.equal(code, 0, output);
      await page.arrives(/^\{ id: 1 \}$/m);
    } finally {
      await page.stop();
    }
  });

  test("examples/laravel/echo.js hears the event of examples/laravel/OrderShipped.php", { timeout }, async () => {
    const echo = await readFile(`${root}examples/laravel/echo.js`, 'utf8');
    const shown = (await blocks()).find(({ page, language }) => page === 'docs/laravel.md' && language === 'js').text;
    assert.ok(echo.includes(shown), 'docs/laravel.md shows the same');
    const env = { VITE_REVERB_APP_KEY: app.key, VITE_REVERB_HOST: reverb.host, VITE_REVERB_PORT: reverb.port, VITE_REVERB_SCHEME: 'http' };
    const page = run(echo.replace('window.Pusher', 'globalThis.window = globalThis;\nwindow.Pusher').replaceAll('import.meta.env', `(${JSON.stringify(env)})`));
    try {
      await subscribed('orders');
      const { status, stdout, stderr } = spawnSync('php', ['-r', `error_reporting(E_ALL & ~E_DEPRECATED);
        require '/usr/share/php/Illuminate/autoload.php';
        require '${root}examples/laravel/OrderShipped.php';
        $event = new App\\Events\\OrderShipped(7);
        echo json_encode(['event' => get_class($event), 'channel' => $event->broadcastOn()[0]->name, 'data' => get_object_vars($event)]);`], { encoding: 'utf8' });
      assert.equal(status, 0, stdout + stderr);
      const { event, channel, data } = JSON.parse(stdout);
      const { code, output } = await reverb.shell(`./reverb publish --port ${reverb.port} --channel ${channel} --event '${event}' --data '${JSON.stringify(data)}'`);
      assert.equal(code, 0, output);
      await page.arrives(/^shipped 7$/m);
    } finally {
      await page.stop();
    }
  });
});
