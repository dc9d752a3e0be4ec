import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;

onEveryPlatform('pusher-js channels', (world) => {
  test('a client connects and is told its socket id', { timeout }, async () => {
    const client = await world.pusher();
    assert.match(await client.socketId(), /^[1-9]\d{0,9}\.[1-9]\d{0,9}$/);
  });

  test('a public channel delivers what the application publishes, every JSON value as it was', { timeout }, async () => {
    const client = await world.pusher();
    const channel = fresh('orders');
    assert.deepEqual(await client.subscribe(channel), { event: 'succeeded', data: {} });
    const values = [{ id: 1, nested: { empty: {}, list: [], nothing: null } }, [1, 2], 'ünïcødé ✓ 𝄞', 0, true, { large: 9007199254740991 }];
    for (const value of values) {
      await world.application.pusher.trigger(channel, 'order.shipped', value);
      assert.deepEqual((await client.take(channel, 'order.shipped')).data, value);
    }
  });

  test('events reach a subscriber in the order in which they were published', { timeout }, async () => {
    const client = await world.pusher();
    const channel = fresh('sequence');
    await client.subscribe(channel);
    for (let i = 0; i < 50; i++) {
      await world.application.pusher.trigger(channel, 'step', i);
    }
    for (let i = 0; i < 50; i++) {
      assert.equal((await client.take(channel, 'step')).data, i);
    }
  });

  test('a private channel opens with the signature of the application', { timeout }, async () => {
    const client = await world.pusher({ user: 7 });
    const channel = fresh('private-orders');
    assert.equal((await client.subscribe(channel)).event, 'succeeded');
    await world.application.pusher.trigger(channel, 'paid', { id: 1 });
    assert.deepEqual((await client.take(channel, 'paid')).data, { id: 1 });
  });

  test('a private channel that the application refuses stays shut', { timeout }, async () => {
    const client = await world.pusher({ user: 7 });
    const channel = fresh('private-forbidden');
    const { event, data } = await client.subscribe(channel);
    assert.equal(event, 'error');
    assert.equal(data.status, 403);
  });

  test('a forged signature is refused with 4009 and the connection lives on', { timeout }, async () => {
    const client = await world.pusher({ user: 7 });
    const socket = await client.socketId();
    const forged = fresh('private-forged');
    await client.ask(forged);
    const error = await client.take(null, 'error');
    assert.equal(error.data.code, 4009);
    assert.equal(error.data.message, 'Connection is unauthorized');
    const open = fresh('open');
    await client.subscribe(open);
    await world.application.pusher.trigger([forged, open], 'news', {});
    await client.take(open, 'news');
    assert.equal(await client.socketId(), socket);
    assert.deepEqual(await client.left(`raw:${forged}`), [], 'nothing arrives on the forged channel');
  });

  test('an encrypted channel hands over what was published, and nobody between reads it', { timeout }, async () => {
    const client = await world.pusher({ user: 7 });
    const channel = fresh('private-encrypted-health');
    assert.equal((await client.subscribe(channel)).event, 'succeeded');
    const secret = { diagnosis: 'none ✓' };
    await world.application.pusher.trigger(channel, 'result', secret);
    assert.deepEqual((await client.take(channel, 'result')).data, secret);
    const onTheWire = (await client.take(`raw:${channel}`, 'result')).data;
    assert.deepEqual(Object.keys(onTheWire).sort(), ['ciphertext', 'nonce']);
  });

  for (const prefix of ['cache', 'private-cache', 'presence-cache', 'private-encrypted-cache']) {
    test(`a ${prefix} channel tells of a miss, then gives the last event to whoever comes late`, { timeout }, async () => {
      const first = await world.pusher({ user: 1 });
      const channel = fresh(`${prefix}-prices`);
      assert.equal((await first.subscribe(channel)).event, 'succeeded');
      await first.take(channel, 'pusher:cache_miss');
      await world.application.pusher.trigger(channel, 'price', { eur: 1 });
      await world.application.pusher.trigger(channel, 'price', { eur: 2 });
      assert.deepEqual((await first.take(channel, 'price')).data, { eur: 1 });
      assert.deepEqual((await first.take(channel, 'price')).data, { eur: 2 });

      const late = await world.pusher({ user: 2 });
      assert.equal((await late.subscribe(channel)).event, 'succeeded');
      assert.deepEqual((await late.take(channel, 'price')).data, { eur: 2 });
      assert.deepEqual(await late.left(channel), []);
    });
  }

  test('a cache channel keeps its event while nobody is subscribed', { timeout }, async () => {
    const channel = fresh('cache-weather');
    await world.application.pusher.trigger(channel, 'today', { sun: true });
    const client = await world.pusher();
    await client.subscribe(channel);
    assert.deepEqual((await client.take(channel, 'today')).data, { sun: true });
  });

  test('the client that caused an event is left out when the publisher names its socket', { timeout }, async () => {
    const [cause, other] = [await world.pusher(), await world.pusher()];
    const channel = fresh('comments');
    await cause.subscribe(channel);
    await other.subscribe(channel);
    await world.application.pusher.trigger(channel, 'added', { n: 1 }, { socket_id: await cause.socketId() });
    await world.application.pusher.trigger(channel, 'added', { n: 2 });
    assert.deepEqual((await cause.take(channel, 'added')).data, { n: 2 });
    assert.deepEqual((await other.take(channel, 'added')).data, { n: 1 });
    assert.deepEqual((await other.take(channel, 'added')).data, { n: 2 });
  });

  test('after unsubscribing nothing more arrives, and subscribing again works', { timeout }, async () => {
    const client = await world.pusher();
    const [left, kept] = [fresh('left'), fresh('kept')];
    await client.subscribe(left);
    await client.subscribe(kept);
    await client.unsubscribe(left);
    await client.subscribe(fresh('after')); // its answer comes after the server has seen the unsubscription
    await world.application.pusher.trigger([left, kept], 'news', {});
    await client.take(kept, 'news');
    assert.deepEqual(await client.left(`raw:${left}`), ['pusher_internal:subscription_succeeded']);
    assert.equal((await client.subscribe(left)).event, 'succeeded');
  });

  test('an unknown application key is refused with 4001, for good', { timeout }, async () => {
    const application = Object.assign(Object.create(world.application), { credentials: { ...world.application.credentials, key: 'nobody' } });
    const client = await world.unconnected({ application });
    const error = await client.take(null, 'error');
    assert.equal(error.data.code, 4001);
    assert.equal(error.data.message, 'Application does not exist');
    await client.take(null, 'disconnected');
  });

  test('a client that sends pings of its own gets a pong for each', { timeout }, async () => {
    const client = await world.pusher({ options: { activityTimeout: 200, pongTimeout: 5000 } });
    const socket = await client.socketId();
    await client.take('raw:', 'pusher:pong');
    await client.take('raw:', 'pusher:pong');
    assert.equal(await client.state(), 'connected');
    assert.equal(await client.socketId(), socket);
  });
});
