import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'reverb-clients-'));
after(() => rmSync(folder, { recursive: true }));
const certificate = join(folder, 'server.crt');
const key = join(folder, 'server.key');
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
  '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate], { stdio: 'pipe' });

// pusher-js for Node has no option for a certificate authority; the libraries' own trust is not what is tested here
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

onEveryPlatform('direct TLS', (world) => {
  test('pusher-js connects by wss and hears what the SDK publishes by https', { timeout }, async () => {
    const client = await world.pusher({ user: 7 });
    const channel = fresh('private-orders');
    assert.equal((await client.subscribe(channel)).event, 'succeeded');
    await world.application.pusher.trigger(channel, 'paid', { id: 1 });
    assert.deepEqual((await client.take(channel, 'paid')).data, { id: 1 });
  });

  test('Laravel Echo connects by wss', { timeout }, async () => {
    const echo = await world.echo({ user: 7 });
    const name = fresh('orders');
    await echo.open('private', name, { events: ['.paid'] });
    await world.application.pusher.trigger(`private-${name}`, 'paid', { id: 1 });
    assert.deepEqual((await echo.take(name, '.paid')).data, { id: 1 });
  });
}, { secure: true, environment: { REVERB_TLS_CERT: certificate, REVERB_TLS_KEY: key } });
