import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Application } from '../harness/application.mjs';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;

const app = (id, settings) => ({ app_id: id, key: `${id}-key`, secret: `${id}-secret`, ...settings });
const apps = [
  app('other'),
  app('elsewhere', { allowed_origins: ['*.example.org'] }),
  app('local', { allowed_origins: ['127.0.*'] }),
  app('single', { max_connections: 1 }),
  app('silent', { accept_client_events_from: 'none' }),
  app('limited', { rate_limiting: { enabled: true, max_attempts: 3, decay_seconds: 60 } }),
];
const folder = mkdtempSync(join(tmpdir(), 'reverb-clients-'));
const config = join(folder, 'reverb.yaml');
writeFileSync(config, JSON.stringify({ apps })); // JSON is YAML too
after(() => rmSync(folder, { recursive: true }));

onEveryPlatform('applications and their limits', (world) => {
  const applications = {};
  before(async () => {
    for (const { app_id: id, key, secret } of apps) {
      applications[id] = await Application.start(world.reverb, { id, key, secret });
    }
  });
  after(() => Promise.all(Object.values(applications).map((application) => application.stop())));

  test('two applications with the same channel name do not hear each other', { timeout }, async () => {
    const channel = fresh('open');
    const [one, other] = [await world.pusher(), await world.pusher({ application: applications.other })];
    await one.subscribe(channel);
    await other.subscribe(channel);
    await world.application.pusher.trigger(channel, 'news', 'for one');
    await applications.other.pusher.trigger(channel, 'news', 'for other');
    assert.equal((await one.take(channel, 'news')).data, 'for one');
    assert.equal((await other.take(channel, 'news')).data, 'for other');
  });

  test('a page of another origin is refused with 4009, for good', { timeout }, async () => {
    const client = await world.unconnected({ application: applications.elsewhere });
    const { data } = await client.take(null, 'error');
    assert.deepEqual([data.code, data.message], [4009, 'Origin not allowed']);
    await client.take(null, 'disconnected');
  });

  test('a page of an allowed origin is served; whoever names none is not', { timeout }, async () => {
    const client = await world.unconnected({ application: applications.local });
    if (world.platform === 'Chromium') {
      await client.connected();
    } else {
      assert.equal((await client.take(null, 'error')).data.code, 4009);
    }
  });

  test('one connection more than the application may have is refused with 4004, for good', { timeout }, async () => {
    const first = await world.pusher({ application: applications.single });
    const second = await world.unconnected({ application: applications.single });
    const { data } = await second.take(null, 'error');
    assert.deepEqual([data.code, data.message], [4004, 'Application is over connection quota']);
    await second.take(null, 'disconnected');
    assert.equal(await first.state(), 'connected');
  });

  test('client events that the application has switched off are answered with 4301', { timeout }, async () => {
    const client = await world.pusher({ application: applications.silent });
    const channel = fresh('open');
    await client.subscribe(channel);
    await client.trigger(channel, 'client-typing', {});
    const { data } = await client.take(null, 'error');
    assert.deepEqual([data.code, data.message], [4301, 'The app does not have client messaging enabled.']);
    assert.equal(await client.state(), 'connected');
  });

  test('more messages than the rate limit are answered with 4301, and the connection lives on', { timeout }, async () => {
    const client = await world.pusher({ application: applications.limited });
    const channel = fresh('open');
    await client.subscribe(channel); // the first of three
    for (let i = 0; i < 3; i++) {
      await client.trigger(channel, 'client-typing', { i });
    }
    const { data } = await client.take(null, 'error');
    assert.deepEqual([data.code, data.message], [4301, 'Rate limit exceeded']);
    assert.equal(await client.state(), 'connected');
    await applications.limited.pusher.trigger(channel, 'news', {});
    await client.take(channel, 'news');
  });
}, { arguments_: ['--config', config] });
