import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import PusherServer from 'pusher';
import { Application } from '../harness/application.mjs';
import { eventually } from '../harness/eventually.mjs';
import { platforms } from '../harness/platforms.mjs';
import { Reverb } from '../harness/reverb.mjs';
import { fresh } from '../harness/suite.mjs';

const timeout = 120_000;

describe('pusher, the server SDK for Node', () => {
  const platform = platforms.Node();
  let reverb, application, sdk;

  before(async () => {
    reverb = await Reverb.start();
    application = await Application.start(reverb);
    sdk = application.pusher;
  });
  afterEach(() => platform.closeClients());
  after(async () => {
    await application?.stop();
    await reverb?.stop();
  });

  const connect = async (user) => {
    const client = await platform.pusher(application, application.clientOptions(user));
    await client.connected();
    return client;
  };
  const get = async (path, params) => (await sdk.get({ path, params })).json();
  const status = (code) => (error) => {
    assert.equal(error.status, code, error.body);
    return true;
  };

  test('trigger publishes to many channels at once', { timeout }, async () => {
    const client = await connect(1);
    const channels = [fresh('a'), fresh('private-b'), fresh('presence-c')];
    for (const channel of channels) {
      await client.subscribe(channel);
    }
    const response = await sdk.trigger(channels, 'news', { n: 1 });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {});
    for (const channel of channels) {
      assert.deepEqual((await client.take(channel, 'news')).data, { n: 1 });
    }
  });

  test('trigger returns what it was asked about the channels', { timeout }, async () => {
    const [open, room] = [fresh('open'), fresh('presence-room')];
    for (const user of [1, 2, 2]) {
      const client = await connect(user);
      await client.subscribe(open);
      await client.subscribe(room);
    }
    const response = await sdk.trigger([open, room], 'news', {}, { info: 'user_count,subscription_count' });
    const { channels } = await response.json();
    assert.equal(channels[open].subscription_count, 3);
    assert.equal(channels[room].user_count, 2);
  });

  test('triggerBatch publishes each event to its channel, encrypted ones too', { timeout }, async () => {
    const client = await connect(1);
    const [open, secret, room] = [fresh('open'), fresh('private-encrypted-secret'), fresh('presence-room')];
    for (const channel of [open, secret, room]) {
      await client.subscribe(channel);
    }
    const response = await sdk.triggerBatch([
      { channel: open, name: 'one', data: { n: 1 } },
      { channel: secret, name: 'two', data: { n: 2 } },
      { channel: room, name: 'three', data: { n: 3 }, info: 'user_count' },
    ]);
    assert.deepEqual(await response.json(), { batch: [{}, {}, { user_count: 1 }] });
    assert.deepEqual((await client.take(open, 'one')).data, { n: 1 });
    assert.deepEqual((await client.take(secret, 'two')).data, { n: 2 });
    assert.deepEqual((await client.take(room, 'three')).data, { n: 3 });
  });

  test('a batch that asks for nothing is answered with an empty one', { timeout }, async () => {
    const response = await sdk.triggerBatch([{ channel: fresh('open'), name: 'one', data: {} }]);
    assert.deepEqual(await response.json(), { batch: {} });
  });

  test('channels lists what is occupied, by prefix and with counts', { timeout }, async () => {
    const [open, room] = [fresh('listed-open'), fresh('presence-listed')];
    for (const user of [1, 2]) {
      const client = await connect(user);
      await client.subscribe(open);
      await client.subscribe(room);
    }
    const all = (await get('/channels')).channels;
    assert.equal(open in all && room in all, true);
    assert.deepEqual(await get('/channels', { filter_by_prefix: 'presence-listed', info: 'user_count' }), { channels: { [room]: { user_count: 2 } } });
    assert.deepEqual((await get('/channels', { filter_by_prefix: 'nothing-has-this' })).channels, {});
  });

  test('one channel tells whether it is occupied, by how many, and what it caches', { timeout }, async () => {
    const [room, cache] = [fresh('presence-room'), fresh('cache-price')];
    const [first, second] = [await connect(1), await connect(2)];
    await first.subscribe(room);
    await second.subscribe(room);
    await first.subscribe(cache);
    await sdk.trigger(cache, 'price', { eur: 3 });
    const one = await get(`/channels/${room}`, { info: 'user_count' });
    assert.deepEqual(one, { occupied: true, user_count: 2 });
    const cached = await get(`/channels/${cache}`, { info: 'subscription_count,cache' });
    assert.equal(cached.occupied, true);
    assert.equal(cached.subscription_count, 1);
    assert.deepEqual(JSON.parse(cached.cache.data), { eur: 3 });
    assert.equal(cached.cache.ttl > 0 && cached.cache.ttl <= 1800, true, `ttl ${cached.cache.ttl}`);
    assert.equal((await get('/channels/nobody-is-here')).occupied, false);
  });

  test('users lists the members of a presence channel, each once', { timeout }, async () => {
    const room = fresh('presence-room');
    for (const user of [1, 2, 2]) {
      await (await connect(user)).subscribe(room);
    }
    const { users } = await get(`/channels/${room}/users`);
    assert.deepEqual(users.map((user) => user.id).sort(), ['1', '2']);
    const open = fresh('open');
    await (await connect(3)).subscribe(open);
    await assert.rejects(get(`/channels/${open}/users`), status(400));
    await assert.rejects(get('/channels/presence-nobody/users'), status(404));
  });

  test('connections counts the sockets of the application', { timeout }, async () => {
    const count = async () => (await get('/connections')).connections;
    await eventually('the clients of earlier tests are gone', 20_000, async () => (await count()) === 0);
    await connect(1);
    const second = await connect(2);
    assert.equal(await count(), 2);
    second.disconnect();
    await eventually('a closed one is not counted', 20_000, async () => (await count()) === 1);
  });

  test('terminateUserConnections ends the connections of a presence member, who stays away', { timeout }, async () => {
    const room = fresh('presence-room');
    const [stays, goes, goesToo] = [await connect(1), await connect('evil'), await connect('evil')];
    await stays.subscribe(room);
    await goes.subscribe(room);
    await goesToo.subscribe(room);
    const response = await sdk.terminateUserConnections('evil');
    assert.deepEqual(await response.json(), {});
    for (const client of [goes, goesToo]) {
      assert.equal((await client.take(null, 'error')).data.code, 4009);
      await client.take(null, 'disconnected');
    }
    assert.equal((await stays.take(room, 'pusher:member_removed')).data.id, 'evil');
    assert.equal(await stays.state(), 'connected');
  });

  test('sendToUser is accepted for a user who is not here', { timeout }, async () => {
    assert.equal((await sdk.sendToUser('nobody', 'notice', { text: 'hello' })).status, 200);
  });

  test('a wrong secret is 401, an unknown application 404', { timeout }, async () => {
    const wrong = new PusherServer({ ...application.options, secret: 'wrong' });
    await assert.rejects(wrong.trigger('open', 'news', {}), status(401));
    const wrongKey = new PusherServer({ ...application.options, key: 'wrong' });
    await assert.rejects(wrongKey.trigger('open', 'news', {}), status(401));
    const unknown = new PusherServer({ ...application.options, appId: '1' });
    await assert.rejects(unknown.trigger('open', 'news', {}), status(404));
  });

  test('too much is refused whole: 413 for data, 422 for channels, batches and names', { timeout }, async () => {
    const client = await connect(1);
    const channel = fresh('open');
    await client.subscribe(channel);
    await assert.rejects(sdk.trigger(channel, 'news', 'x'.repeat(10_001)), status(413));
    const many = Array.from({ length: 11 }, () => ({ channel, name: 'news', data: {} }));
    await assert.rejects(sdk.triggerBatch(many), status(422));
    await assert.rejects(sdk.triggerBatch([{ channel, name: 'news', data: {} }, { channel: 'no spaces', name: 'news', data: {} }]), status(422));
    await sdk.trigger(channel, 'fence', {});
    await client.take(channel, 'fence');
    assert.deepEqual(await client.left(channel), []);
  });
});
