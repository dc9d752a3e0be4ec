import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
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

  test('its tests pass, against this server too', { timeout: 120_000 }, async () => {
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
    const { status, output } = await phpunit({
      REVERB_TEST_URL: reverb.url,
      REVERB_TEST_CONNECTIONS: '1',
      REVERB_APP_ID: reverb.app.id,
      REVERB_APP_KEY: reverb.app.key,
      REVERB_APP_SECRET: reverb.app.secret,
    });
    assert.equal(status, 0, output);
    assert.match(output, /OK \(\d+ tests/, 'none is left out: ' + output);
  });
});

/** Runs them, by Composer's PHPUnit or the machine's. */
function phpunit(environment) {
  return new Promise((resolve) => {
    execFile('phpunit', { cwd: folder, env: { ...process.env, ...environment } }, (error, stdout, stderr) =>
      resolve({ status: error ? (error.code ?? 1) : 0, output: stdout + stderr }));
  });
}
