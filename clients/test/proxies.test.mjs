import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Application } from '../harness/application.mjs';
import { eventually } from '../harness/eventually.mjs';
import { Proxy } from '../harness/proxy.mjs';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;

// pusher-js for Node has no option for a certificate authority; the libraries' own trust is not what is tested here
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

onEveryPlatform('a proxy in front, as dist/proxies configures it', (world) => {
  for (const name of Proxy.names) {
    describe(name, () => {
      let proxy, application;
      before(async () => {
        proxy = await Proxy.start(name, world.reverb);
        application = await Application.start(proxy);
      });
      after(async () => {
        await application?.stop();
        await proxy?.stop();
      });

      test('pusher-js connects and hears what the SDK publishes, both through the proxy', { timeout }, async () => {
        const client = await world.pusher({ user: 7, application });
        const channel = fresh('private-orders');
        assert.equal((await client.subscribe(channel)).event, 'succeeded');
        for (let id = 0; id < 20; id++) {
          await application.pusher.trigger(channel, 'paid', { id, text: 'x'.repeat(5_000) });
        }
        for (let id = 0; id < 20; id++) {
          assert.equal((await client.take(channel, 'paid')).data.id, id);
        }
      });

      test('with TLS it serves wss and https by the certificate that it is given', { timeout }, async () => {
        const edge = await Proxy.start(name, world.reverb, { tls: true });
        const secured = await Application.start(edge);
        try {
          const client = await world.pusher({ user: 7, application: secured });
          const channel = fresh('private-orders');
          assert.equal((await client.subscribe(channel)).event, 'succeeded');
          await secured.pusher.trigger(channel, 'paid', { id: 1 });
          assert.deepEqual((await client.take(channel, 'paid')).data, { id: 1 });
        } finally {
          await secured.stop();
          await edge.stop();
        }
      });

      test('for browsers alone it leads to nothing of the API', { timeout }, async () => {
        const edge = await Proxy.start(name, world.reverb, { browsersOnly: true });
        try {
          const [response, socket] = await upgrade(edge, '127.0.0.1', {});
          assert.equal(response.statusCode, 101);
          socket.destroy();
          for (const path of ['/apps', `/apps/${edge.app.id}/channels`, '/apps/', '/application']) {
            const answer = await fetch(`http://${edge.host}:${edge.port}${path}`);
            assert.equal(answer.status, 404, path);
            assert.doesNotMatch(await answer.text(), /server.port|There is nothing at/, `${path} got to the server`);
          }
        } finally {
          await edge.stop();
        }
      });

      test('the server sees the address of the client, and not the one that a client claims', { timeout }, async () => {
        const before = world.reverb.output.length;
        const [response, socket] = await upgrade(proxy, '127.0.0.2', { 'X-Forwarded-For': '203.0.113.7' });
        assert.equal(response.statusCode, 101);
        await eventually('the debug stream names the address', 10_000, () => / connected from \S/.test(world.reverb.output.slice(before)));
        const [, from] = / connected from (\S+)/.exec(world.reverb.output.slice(before));
        assert.equal(from, '127.0.0.2');
        socket.destroy();
      });
    });
  }

  test('the nginx of examples/compose leads to its servers, and tells them who the client is', { timeout }, async () => {
    const edge = await Proxy.compose(world.reverb);
    const application = await Application.start(edge);
    try {
      const client = await world.pusher({ user: 7, application });
      const channel = fresh('private-orders');
      assert.equal((await client.subscribe(channel)).event, 'succeeded');
      await application.pusher.trigger(channel, 'paid', { id: 1 });
      assert.deepEqual((await client.take(channel, 'paid')).data, { id: 1 });
      const before = world.reverb.output.length;
      const [response, socket] = await upgrade(edge, '127.0.0.3', { 'X-Forwarded-For': '203.0.113.7' });
      assert.equal(response.statusCode, 101);
      await eventually('the debug stream names the address', 10_000, () => / connected from 127\.0\.0\.3/.test(world.reverb.output.slice(before)));
      socket.destroy();
    } finally {
      await application.stop();
      await edge.stop();
    }
  });
}, { environment: { REVERB_TRUSTED_PROXIES: '127.0.0.1' }, arguments_: ['--debug'] });

/** Opens a WebSocket from the address `from`. */
async function upgrade(server, from, headers) {
  const handshake = request({
    host: server.host,
    port: server.port,
    localAddress: from,
    path: `/app/${server.app.key}?protocol=7`,
    headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers },
  });
  handshake.end();
  const [response, socket] = await once(handshake, 'upgrade');
  return [response, socket];
}
