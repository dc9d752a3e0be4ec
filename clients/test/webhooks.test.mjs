import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Application } from '../harness/application.mjs';
import { platforms } from '../harness/platforms.mjs';
import { Reverb } from '../harness/reverb.mjs';
import { WebhookReceiver } from '../harness/webhook-receiver.mjs';

const timeout = 120_000;
const app = { id: 'hooked', key: 'hooked-key', secret: 'hooked-secret' };

describe('webhooks, as the pusher SDK for Node validates them', () => {
  const platform = platforms.Node();
  let folder, receiver, reverb, application;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reverb-webhooks-'));
    receiver = await WebhookReceiver.start();
    const config = join(folder, 'reverb.json');
    await writeFile(config, JSON.stringify({
      webhooks: { allow_private: true },
      apps: [{ app_id: app.id, key: app.key, secret: app.secret, webhooks: [receiver.url, { url: receiver.url, events: ['connection_closed'] }] }],
    }));
    reverb = await Reverb.start({ app: null, environment: { REVERB_CONFIG: config } });
    application = await Application.start(reverb, app);
  });
  after(async () => {
    await platform.closeClients();
    await application?.stop();
    await reverb?.stop();
    await receiver?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const named = (name, channel) => (event) => event.name === name && event.channel === channel;

  test('every event is valid, and forged or changed ones are not', { timeout }, async () => {
    const client = await platform.pusher(application, application.clientOptions(42));
    await client.connected();
    await client.subscribe('presence-room');
    assert.ok(await receiver.take('channel_occupied', named('channel_occupied', 'presence-room')));
    assert.equal((await receiver.take('member_added', named('member_added', 'presence-room'))).user_id, '42');
    await client.trigger('presence-room', 'client-typing', { on: 'ü"\n€' });
    const typed = await receiver.take('client_event', named('client_event', 'presence-room'));
    assert.equal(typed.event, 'client-typing');
    assert.deepEqual(JSON.parse(typed.data), { on: 'ü"\n€' });
    assert.equal(typed.user_id, '42');
    assert.match(typed.socket_id, /^\d+\.\d+$/);
    await client.subscribe('cache-news');
    assert.ok(await receiver.take('cache_miss', named('cache_miss', 'cache-news')));
    assert.equal((await receiver.take('subscription_count', named('subscription_count', 'cache-news'))).subscription_count, 1);
    await client.disconnect();
    assert.equal((await receiver.take('member_removed', named('member_removed', 'presence-room'))).user_id, '42');
    assert.ok(await receiver.take('channel_vacated', named('channel_vacated', 'presence-room')));
    const closed = await receiver.take('connection_closed', ({ name }) => name === 'connection_closed');
    assert.equal(closed.socket_id, typed.socket_id);

    for (const request of receiver.requests) {
      const webhook = application.pusher.webhook(request);
      assert.ok(webhook.isContentTypeValid());
      assert.ok(webhook.isValid(), request.rawBody);
      assert.ok(Math.abs(webhook.getTime() - Date.now()) < timeout);
      assert.ok(webhook.getEvents().length > 0);
      assert.ok(!application.forger.webhook(request).isValid());
      assert.ok(!application.pusher.webhook({ ...request, rawBody: `${request.rawBody} ` }).isValid());
    }
  });

  test('reverb check --webhooks sends valid requests without events', { timeout }, async () => {
    const before = receiver.requests.length;
    const { code, output } = await reverb.run('check', '--webhooks');
    assert.equal(code, 0, output);
    const sent = receiver.requests.slice(before);
    assert.equal(sent.length, 2, output);
    for (const request of sent) {
      const webhook = application.pusher.webhook(request);
      assert.ok(webhook.isValid());
      assert.deepEqual(webhook.getEvents(), []);
    }
  });

  test('the code of docs/webhooks.md takes what is sent and nothing else', { timeout }, async () => {
    const page = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
    const block = (language) => page.match(new RegExp('^```' + language + '\\n([^]*?)^```', 'm'))[1];
    const request = receiver.requests[0];
    const sent = [request.rawBody, request.headers['x-pusher-key'], request.headers['x-pusher-signature'], app.key, app.secret];
    const changed = (at, value) => sent.map((argument, i) => (i === at ? value : argument));
    const cases = [
      [sent, true],
      [changed(0, `${sent[0]} `), false],
      [changed(1, 'another'), false],
      [changed(2, sent[2].replace(/^./, (digit) => (digit === '0' ? '1' : '0'))), false],
      [changed(2, 'no hex'), false],
      [changed(4, 'another'), false],
    ];
    await writeFile(join(folder, 'verify.mjs'), `${block('js')}
const [body, ...rest] = process.argv.slice(2);
console.log(isReverb(Buffer.from(body), ...rest));`);
    await writeFile(join(folder, 'verify.php'), `<?php ${block('php')}
echo isReverb(...array_slice($argv, 1)) ? 'true' : 'false';`);
    await writeFile(join(folder, 'verify.py'), `${block('python')}
import sys
body, *rest = sys.argv[1:]
print(str(is_reverb(body.encode(), *rest)).lower())`);
    for (const [command, file] of [['node', 'verify.mjs'], ['php', 'verify.php'], ['python3', 'verify.py']]) {
      for (const [given, expected] of cases) {
        const { stdout, stderr } = spawnSync(command, [join(folder, file), ...given], { encoding: 'utf8' });
        assert.equal(stdout.trim(), String(expected), `${file} ${stderr}`);
      }
    }
  });
});
