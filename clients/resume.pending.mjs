import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Application } from '../harness/application.mjs';
import { Cluster } from '../harness/cluster.mjs';
import { eventually } from '../harness/eventually.mjs';
import { platforms } from '../harness/platforms.mjs';
import { fresh } from '../harness/suite.mjs';

const timeout = 120_000;
const history = [{ channels: '*', count: 2000, age: '300s' }];

/** Publishes 1, 2, 3, … to a channel until it is ended, each again until it is acknowledged. */
class Sequence {
  #running = true;
  last = 0;

  constructor(application, channel, everyMs = 10) {
    this.done = this.#run(application, channel, everyMs);
  }

  async #run(application, channel, everyMs) {
    while (this.#running) {
      const number = this.last + 1;
      const sent = await application.pusher
        .trigger(channel, 'number', number, { headers: { 'X-Idempotency-Key': `${channel}-${number}` } })
        .then(() => true, () => false);
      if (sent) {
        this.last = number;
      }
      await pause(everyMs);
    }
  }

  async end() {
    this.#running = false;
    await this.done;
    return this.last;
  }
}

const upTo = (last) => Array.from({ length: last }, (_, i) => i + 1);

function suite(title, start, tests) {
  describe(title, () => {
    const world = {};
    before(async () => {
      world.cluster = await start();
      world.application = await Application.start(world.cluster.entrance);
    });
    after(async () => {
      await world.application?.stop();
      await world.cluster?.stop();
    });
    for (const [name, create] of Object.entries(platforms)) {
      describe(`in ${name}`, () => {
        const platform = create();
        before(() => platform.start());
        afterEach(() => platform.closeClients());
        after(() => platform.stop());
        tests({
          get cluster() { return world.cluster; },
          get application() { return world.application; },
          async pusher({ user, resume = {}, options = {} } = {}) {
            const client = await platform.pusher(world.application, {
              ...world.application.clientOptions(user), activityTimeout: 2_000, pongTimeout: 2_000, ...options,
              ...(resume && { resume }),
            });
            await client.connected();
            return client;
          },
        });
      });
    }
  });
}

/** Waits until a client has the last number, and checks that it has all of them, once, in order. */
async function complete(client, channel, last) {
  await eventually(`${last} numbers arrive`, 30_000, async () => (await client.kept(channel, 'number')).includes(last));
  assert.deepEqual(await client.kept(channel, 'number'), upTo(last));
}

const kinds = { public: 'orders', private: 'private-orders', presence: 'presence-orders', encrypted: 'private-encrypted-orders', cache: 'cache-orders' };

suite('a client that resumes, on one server', () => Cluster.start({ servers: 1, history }), (world) => {
  for (const [kind, prefix] of Object.entries(kinds)) {
    test(`misses nothing on a ${kind} channel while its connection is cut again and again`, { timeout }, async () => {
      const channel = fresh(prefix);
      const client = await world.pusher({ user: '1' });
      assert.equal((await client.subscribe(channel)).event, 'succeeded');
      await client.keep(channel, 'number');
      const sequence = new Sequence(world.application, channel);
      for (let cut = 0; cut < 3; cut++) {
        await pause(300);
        world.cluster.balancer.cut();
        await client.take(null, 'connected', 20_000);
        await client.take(channel, 'answer', 20_000);
      }
      await complete(client, channel, await sequence.end());
    });
  }

  test('misses messages without the plugin, so that this suite can fail', { timeout }, async () => {
    const channel = fresh('orders');
    const client = await world.pusher({ resume: null });
    await client.subscribe(channel);
    await client.keep(channel, 'number');
    const sequence = new Sequence(world.application, channel);
    await pause(300);
    world.cluster.balancer.cut();
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
    const client = await world.pusher({ resume: { rewind: { count: 3 } } });
    await client.subscribe(channel);
    for (const number of [3, 4, 5]) {
      assert.equal((await client.take(channel, 'number')).data, number);
    }
    const { data } = await client.take(null, 'resumed');
    assert.deepEqual(data, { channel, recovered: true, count: 3 });
  });
});

suite('a client that resumes, on two servers', () => Cluster.start({ history, environment: { REVERB_DRAIN_DURATION: '4s', REVERB_DRAIN_NOTICE: '2s' } }), (world) => {
  test('changes over before its server drains: it stays connected, misses nothing, and nobody leaves', { timeout }, async () => {
    const { cluster, application } = world;
    const [first, second] = cluster.servers;
    const [orders, room, secret, plain] = [fresh('orders'), fresh('presence-room'), fresh('private-encrypted-orders'), fresh('private-orders')];
    cluster.balancer.out.add(second);
    const client = await world.pusher({ user: '1' });
    cluster.balancer.out.delete(second);
    cluster.balancer.out.add(first);
    const observer = await world.pusher({ user: '2' });
    for (const channel of [orders, room, secret, plain]) {
      assert.equal((await client.subscribe(channel)).event, 'succeeded');
      await client.keep(channel, 'number');
    }
    await observer.subscribe(room);
    await observer.keep(room, 'pusher:member_removed');
    await observer.keep(room, 'pusher:member_added');
    const socket = await client.socketId();
    const sequences = [orders, room, secret, plain].map((channel) => [channel, new Sequence(application, channel, 20)]);
    await pause(300);

    const drained = first.end('SIGTERM');
    const { data } = await client.take(null, 'moved', 20_000);
    assert.equal(data.from, socket);
    assert.equal(await client.socketId(), data.to);
    await pause(300);
    await drained;
    await pause(300);

    for (const [channel, sequence] of sequences) {
      await complete(client, channel, await sequence.end());
    }
    assert.deepEqual(await client.states().then((states) => states.filter((state) => state !== 'connecting')), ['connected']);
    assert.deepEqual(await observer.kept(room, 'pusher:member_removed'), []);
    assert.deepEqual(await observer.kept(room, 'pusher:member_added'), []);
    assert.equal((await client.members(room)).count, 2);
    await client.trigger(plain, 'client-hello', { from: 1 });
    await first.startAnew();
    cluster.balancer.out.delete(first);
  });

  test('misses nothing when its server is killed', { timeout }, async () => {
    const { cluster, application } = world;
    const [first, second] = cluster.servers;
    const channel = fresh('orders');
    cluster.balancer.out.add(second);
    const client = await world.pusher();
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
    await first.startAnew();
    cluster.balancer.out.delete(first);
  });

  test('misses nothing while Redis restarts, and is cut meanwhile', { timeout }, async () => {
    const { cluster, application } = world;
    const channel = fresh('orders');
    const client = await world.pusher();
    await client.subscribe(channel);
    await client.keep(channel, 'number');
    const sequence = new Sequence(application, channel);
    await pause(300);
    await cluster.redis.end();
    await pause(500);
    await cluster.redis.startAnew();
    await pause(300);
    cluster.balancer.cut();
    await client.take(channel, 'answer', 20_000);
    await pause(1000);
    await complete(client, channel, await sequence.end());
  });
});
