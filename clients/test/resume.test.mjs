import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster } from '../harness/cluster.mjs';
import { eventually } from '../harness/eventually.mjs';
import { Sequence } from '../harness/sequence.mjs';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;
const history = [{ channels: '*', count: 2000, age: '300s' }];

const upTo = (last) => Array.from({ length: last }, (_, i) => i + 1);

/** A connected `pusher-js` whose silence is noticed soon, with the plugin unless `resume` is null. */
const connected = (world, { user, resume = {} } = {}) =>
  world.pusher({ user, options: { activityTimeout: 2_000, pongTimeout: 2_000, ...(resume && { resume }) } });

/** Waits until a client has the last number, and checks that it has all of them, once, in order. */
async function complete(client, channel, last) {
  await eventually(`${last} numbers arrive`, 30_000, async () => (await client.kept(channel, 'number')).includes(last));
  assert.deepEqual(await client.kept(channel, 'number'), upTo(last));
}

/**
 * The same where Redis loses what it has: two servers took numbers while they did not reach each other, so that the order
 * between them is no one's, and a number whose first attempt failed may be there twice, as its key is lost too.
 */
async function completeInAnyOrder(client, channel, last, repeated) {
  const sorted = async () => (await client.kept(channel, 'number')).sort((a, b) => a - b)
    .filter((number, i, all) => number !== all[i - 1] || !repeated.has(number));
  await eventually(`${last} numbers arrive`, 30_000, async () => (await sorted()).length >= last);
  assert.deepEqual(await sorted(), upTo(last));
}

/** The same for an Echo that listens to the event of the numbers. */
async function completeAtEcho(echo, name, last) {
  for (const number of upTo(last)) {
    assert.equal((await echo.take(name, '.number', 30_000)).data, number);
  }
  assert.deepEqual((await echo.left(name)).filter((event) => event === '.number'), []);
}

/** What came of a channel that the client may no longer read, once it was refused: nothing more, while others go on. */
async function refused(client, channel) {
  assert.equal((await client.take(channel, 'answer', 20_000)).data.event, 'error');
  return (await client.kept(channel, 'number')).length;
}

const kinds = { public: 'orders', private: 'private-orders', presence: 'presence-orders', encrypted: 'private-encrypted-orders', cache: 'cache-orders' };

onEveryPlatform('a client that resumes, on one server', (world) => {
  for (const [kind, prefix] of Object.entries(kinds)) {
    test(`misses nothing on a ${kind} channel while its connection is cut again and again`, { timeout }, async () => {
      const channel = fresh(prefix);
      const client = await connected(world, { user: '1' });
      assert.equal((await client.subscribe(channel)).event, 'succeeded');
      await client.keep(channel, 'number');
      const sequence = new Sequence(world.application, channel);
      for (let cut = 0; cut < 3; cut++) {
        await pause(300);
        world.reverb.balancer.cut();
        await client.take(null, 'connected', 20_000);
        await client.take(channel, 'answer', 20_000);
      }
      await complete(client, channel, await sequence.end());
    });
  }

  test('gets nothing more of a channel that it lost the right to, and misses nothing of another', { timeout }, async () => {
    const [lost, kept] = [fresh('private-orders'), fresh('private-orders')];
    const client = await connected(world, { user: '1' });
    for (const channel of [lost, kept]) {
      assert.equal((await client.subscribe(channel)).event, 'succeeded');
      await client.keep(channel, 'number');
    }
    const sequences = [lost, kept].map((channel) => new Sequence(world.application, channel));
    await eventually('it receives', 20_000, async () => (await client.kept(lost, 'number')).length > 5);
    world.application.forbidden.add(lost);
    world.reverb.balancer.cut();
    const had = await refused(client, lost);
    await client.take(kept, 'answer', 20_000);
    await pause(300);
    const [published, last] = await Promise.all(sequences.map((sequence) => sequence.end()));
    await complete(client, kept, last);
    assert.ok(had < published, `${had} of ${published}`);
    assert.equal((await client.kept(lost, 'number')).length, had);
  });

  test('misses nothing as an Echo whose connection is cut', { timeout }, async () => {
    const name = fresh('orders');
    const echo = await world.echo({ user: '1', options: { resume: {} } });
    assert.equal((await echo.open('private', name, { events: ['.number'] })).event, 'subscribed');
    const sequence = new Sequence(world.application, `private-${name}`);
    for (let cut = 0; cut < 2; cut++) {
      await pause(300);
      world.reverb.balancer.cut();
      await echo.take(null, 'connected', 20_000);
    }
    await pause(300);
    await completeAtEcho(echo, name, await sequence.end());
  });

  test('misses messages without the plugin, so that this suite can fail', { timeout }, async () => {
    const channel = fresh('orders');
    const client = await connected(world, { resume: null });
    await client.subscribe(channel);
    await client.keep(channel, 'number');
    const sequence = new Sequence(world.application, channel);
    await pause(300);
    world.reverb.balancer.cut();
    await client.take(channel, 'answer', 20_000);
    await pause(300);
    const last = await sequence.end();
    await eventually('the last number arrives', 10_000, async () => (await client.kept(channel, 'number')).includes(last));
    assert.notDeepEqual(await client.kept(channel, 'number'), upTo(last));
  });

  test('starts with the last messages when it asks for them', { timeout }, async () => {
    const channel = fresh('orders');
    for (const number of upTo(5)) {
      await world.application.pusher.trigger(channel, 'number', number);
    }
    const client = await connected(world, { resume: { rewind: { count: 3 } } });
    await client.subscribe(channel);
    for (const number of [3, 4, 5]) {
      assert.equal((await client.take(channel, 'number')).data, number);
    }
    const { data } = await client.take(null, 'resumed');
    assert.deepEqual(data, { channel, recovered: true, count: 3 });
  });
}, () => Cluster.start({ servers: 1, history }));

onEveryPlatform('a client that resumes, on two servers', (world) => {
  afterEach(async () => {
    const { servers: [first], balancer } = world.reverb;
    if (first.hasEnded) {
      await first.startAnew();
    }
    balancer.out.clear();
    await world.reverb.complete();
  });

  test('changes over before its server drains: it stays connected, misses nothing but what it lost the right to, and nobody leaves', { timeout }, async () => {
    const { reverb: cluster, application } = world;
    const [first, second] = cluster.servers;
    const [orders, room, secret, plain] = [fresh('orders'), fresh('presence-room'), fresh('private-encrypted-orders'), fresh('private-orders')];
    const lost = fresh('private-orders');
    cluster.balancer.out.add(second);
    const client = await connected(world, { user: '1' });
    const echo = await world.echo({ user: '1', options: { resume: {} } });
    assert.equal((await echo.open('public', orders, { events: ['.number'] })).event, 'subscribed');
    cluster.balancer.out.delete(second);
    cluster.balancer.out.add(first);
    const observer = await connected(world, { user: '2' });
    for (const channel of [orders, room, secret, plain, lost]) {
      assert.equal((await client.subscribe(channel)).event, 'succeeded');
      await client.keep(channel, 'number');
    }
    await observer.subscribe(room);
    await observer.keep(room, 'pusher:member_removed');
    await observer.keep(room, 'pusher:member_added');
    const socket = await client.socketId();
    const sequences = [orders, room, secret, plain].map((channel) => [channel, new Sequence(application, channel, 20)]);
    const unread = new Sequence(application, lost, 20);
    await eventually('it receives', 20_000, async () => (await client.kept(lost, 'number')).length > 5);
    application.forbidden.add(lost);

    const drained = first.end('SIGTERM');
    const { data } = await client.take(null, 'moved', 20_000);
    assert.equal(data.from, socket);
    assert.equal(await client.socketId(), data.to);
    const had = await refused(client, lost);
    await echo.take(null, 'moved', 20_000);
    await pause(300);
    await drained;
    await pause(300);

    for (const [channel, sequence] of sequences) {
      const last = await sequence.end();
      await complete(client, channel, last);
      if (channel === orders) {
        await completeAtEcho(echo, orders, last);
      }
    }
    assert.ok(had < await unread.end());
    assert.equal((await client.kept(lost, 'number')).length, had);
    assert.deepEqual((await client.states()).filter((state) => state !== 'connecting'), ['connected']);
    assert.deepEqual(await observer.kept(room, 'pusher:member_removed'), []);
    assert.deepEqual(await observer.kept(room, 'pusher:member_added'), []);
    assert.equal((await client.members(room)).count, 2);
  });

  test('misses nothing when its server is killed', { timeout }, async () => {
    const { reverb: cluster, application } = world;
    const [first, second] = cluster.servers;
    const channel = fresh('orders');
    cluster.balancer.out.add(second);
    const client = await connected(world);
    await client.subscribe(channel);
    await client.keep(channel, 'number');
    cluster.balancer.out.delete(second);
    cluster.balancer.out.add(first);
    const sequence = new Sequence(application, channel);
    await pause(300);
    await first.end('SIGKILL');
    await client.take(channel, 'answer', 20_000);
    await pause(300);
    await complete(client, channel, await sequence.end());
  });

  test('misses nothing while Redis restarts empty, and is cut meanwhile', { timeout }, async () => {
    const { reverb: cluster, application } = world;
    const channel = fresh('orders');
    const client = await connected(world);
    await client.subscribe(channel);
    await client.keep(channel, 'number');
    const sequence = new Sequence(application, channel);
    await pause(300);
    await cluster.redis.stop('SIGKILL');
    await pause(500);
    await cluster.redis.startAnew();
    await pause(300);
    cluster.balancer.cut();
    await client.take(channel, 'answer', 20_000);
    await pause(1000);
    await completeInAnyOrder(client, channel, await sequence.end(), sequence.repeated);
  });
}, () => Cluster.start({ history, environment: { REVERB_DRAIN_DURATION: '4s', REVERB_DRAIN_NOTICE: '2s' } }));
