import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Application } from '../harness/application.mjs';
import { eventually } from '../harness/eventually.mjs';
import { platforms } from '../harness/platforms.mjs';
import { Reverb } from '../harness/reverb.mjs';
import { fresh } from '../harness/suite.mjs';

const folder = fileURLToPath(new URL('../../packages/laravel', import.meta.url));

describe('packages/laravel', () => {
  const platform = platforms.Node();
  let reverb, application;

  before(async () => {
    reverb = await Reverb.start();
    application = await Application.start(reverb);
  });
  afterEach(() => platform.closeClients());
  after(async () => {
    await application?.stop();
    await reverb?.stop();
  });

  test('its tests pass, against this server too', { timeout: 180_000 }, async () => {
    const client = await platform.pusher(application, application.clientOptions(1));
    await client.connected();
    const channel = fresh('orders');
    await client.subscribe(channel);
    await application.pusher.trigger(channel, 'paid', { id: 1 });
    await client.take(channel, 'paid');
    await eventually('the server has counted what it sent', 20_000, async () => {
      const stats = await (await application.pusher.get({ path: '/stats' })).json();
      return stats.connections === 1 && stats.messages_sent > 0;
    });
    const { status, output } = await phpunit(reverb, {
      REVERB_TEST_CONNECTIONS: '1',
      REVERB_TEST_RESTART: 'answered 403: {"error":"The application 4711 may not restart servers: allow_restart',
    });
    assert.equal(status, 0, output);
    assert.match(output, /OK \(\d+ tests/, 'none is left out: ' + output);
  });

  test('artisan reverb:restart ends the server', { timeout: 180_000 }, async () => {
    const restarted = await Reverb.start({ environment: { REVERB_APP_ALLOW_RESTART: 'true' } });
    try {
      const { status, output } = await phpunit(restarted, { REVERB_TEST_RESTART: 'The server drains and ends' }, 'testWhatTheServerAnswersIsSaid');
      assert.equal(status, 0, output);
      assert.equal((await restarted.ended()).code, 0, restarted.output);
    } finally {
      await restarted.stop();
    }
  });

  test("the server's webhooks are the application's events, with every field", { timeout: 180_000 }, async () => {
    const laravel = await LaravelApplication.start(reverb.app);
    const file = join(laravel.folder, 'reverb.yaml');
    await writeFile(file, JSON.stringify({
      webhooks: { allow_private: true },
      apps: [{
        app_id: reverb.app.id, key: reverb.app.key, secret: reverb.app.secret,
        accept_client_events_from: 'members', subscription_count_events: true, ping_interval: 1, activity_timeout: 1,
        webhooks: [{ url: laravel.url, events: [
          'channel_occupied', 'channel_vacated', 'member_added', 'member_removed', 'client_event', 'cache_miss',
          'subscription_count', 'connection_opened', 'connection_closed', 'connection_pruned',
        ] }],
      }],
    }));
    const hooked = await Reverb.start({ app: null, arguments_: ['--config', file] });
    hooked.app = reverb.app;
    const behind = await Application.start(hooked);
    try {
      const appId = reverb.app.id;
      const client = await platform.pusher(behind, behind.clientOptions(7));
      await client.connected();
      const socketId = await client.socketId();
      const [open, room, cache] = [fresh('open'), fresh('presence-room'), fresh('cache')];
      for (const channel of [open, room, cache]) {
        await client.subscribe(channel);
      }
      await laravel.has({ class: 'ConnectionOpened', appId, socketId });
      await laravel.has({ class: 'ChannelCreated', appId, channel: open });
      await laravel.has({ class: 'SubscriptionCounted', appId, channel: open, count: 1 });
      await laravel.has({ class: 'MemberAdded', appId, channel: room, userId: '7' });
      await laravel.has({ class: 'CacheMissed', appId, channel: cache });
      await client.trigger(room, 'client-typing', { on: true });
      await laravel.has({ class: 'MessageReceived', appId, channel: room, event: 'client-typing', data: '{"on":true}', socketId, userId: '7' });
      await client.disconnect();
      await laravel.has({ class: 'MemberRemoved', appId, channel: room, userId: '7' });
      await laravel.has({ class: 'ChannelRemoved', appId, channel: open });
      assert.ok((await laravel.events()).some((event) => event.class === 'ConnectionClosed' && event.socketId === socketId));
      const silent = connect(hooked.port, hooked.host);
      silent.write(`GET /app/${reverb.app.key} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
        + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
      const pruned = await laravel.some('ConnectionPruned');
      await laravel.has({ class: 'ConnectionClosed', appId, socketId: pruned.socketId, code: 4201, reason: 'Pong reply not received in time' });
      silent.destroy();
    } finally {
      await behind.stop();
      await hooked.stop();
      await laravel.stop();
    }
  });
});

/** The package's route behind PHP's own web server, and what the application behind it was dispatched. */
class LaravelApplication {
  #process;

  static async start(app) {
    const laravel = new LaravelApplication();
    laravel.folder = await mkdtemp(join(tmpdir(), 'reverb-laravel-'));
    laravel.file = join(laravel.folder, 'events');
    await writeFile(laravel.file, '');
    laravel.#process = spawn('php', ['-d', 'display_errors=stderr', '-S', '127.0.0.1:0', join(folder, 'tests/receiver.php')], {
      env: { ...process.env, RECEIVED: laravel.file, REVERB_APP_ID: app.id, REVERB_APP_KEY: app.key, REVERB_APP_SECRET: app.secret },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    laravel.output = '';
    laravel.#process.stderr.setEncoding('utf8').on('data', (text) => (laravel.output += text));
    process.once('exit', () => laravel.#process.kill('SIGKILL'));
    await eventually('PHP serves', 20_000, () => /\(http:\/\/127\.0\.0\.1:\d+\) started/.test(laravel.output));
    laravel.url = `http://127.0.0.1:${/127\.0\.0\.1:(\d+)/.exec(laravel.output)[1]}/reverb/webhook`;
    return laravel;
  }

  async events() {
    return (await readFile(this.file, 'utf8')).split('\n').filter(Boolean).map(JSON.parse);
  }

  /** Awaits an event with exactly these fields. */
  async has(wanted) {
    const text = JSON.stringify(Object.entries(wanted).sort());
    await eventually(text, 30_000, async () => (await this.events()).some((event) => JSON.stringify(Object.entries(event).sort()) === text))
      .catch(async (error) => assert.fail(`${error.message}; instead: ${JSON.stringify(await this.events())}\n${this.output}`));
  }

  /** Awaits any event of a class. */
  async some(name) {
    await eventually(name, 30_000, async () => (await this.events()).some((event) => event.class === name));
    return (await this.events()).find((event) => event.class === name);
  }

  async stop() {
    this.#process.kill();
    await once(this.#process, 'exit');
    await rm(this.folder, { recursive: true });
  }
}

/** Runs the package's tests against `server`, or those with `filter` in their name, by Composer's PHPUnit or the machine's. */
function phpunit(server, environment, filter) {
  return new Promise((resolve) => {
    execFile('phpunit', filter ? ['--filter', filter] : [], {
      cwd: folder,
      env: {
        ...process.env,
        REVERB_TEST_URL: server.url,
        REVERB_APP_ID: server.app.id,
        REVERB_APP_KEY: server.app.key,
        REVERB_APP_SECRET: server.app.secret,
        ...environment,
      },
    }, (error, stdout, stderr) => resolve({ status: error ? (error.code ?? 1) : 0, output: stdout + stderr }));
  });
}
