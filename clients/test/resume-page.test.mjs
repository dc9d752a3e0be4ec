import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Application } from '../harness/application.mjs';
import { launch } from '../harness/chromium.mjs';
import { Balancer, Cluster } from '../harness/cluster.mjs';
import { eventually } from '../harness/eventually.mjs';
import { platforms } from '../harness/platforms.mjs';
import { Sequence } from '../harness/sequence.mjs';

const timeout = 300_000;
const patience = 60_000;
const history = [{ channels: '*', count: 5000, age: '300s', bytes: '4MiB' }];
const room = 'presence-room';

/** The example page of the plugin before three servers over one Redis, and a back end that publishes fifty numbers a second. */
describe('the example page of pusher-js-resume', () => {
  let cluster, pages, api, backEnd, browser, context, page, sequence;

  const outs = () => [cluster.balancer.out, api.out];
  const takeOut = (server) => outs().forEach((out) => out.add(server));
  const putIn = (server) => outs().forEach((out) => out.delete(server));
  const value = async (id) => Number(await page.textContent(`#${id}`));
  const lines = (id) => page.$$eval(`#${id} li`, (items) => items.map((item) => item.textContent));

  before(async () => {
    cluster = await Cluster.start({ servers: 3, history, environment: { REVERB_DRAIN_DURATION: '4s', REVERB_DRAIN_NOTICE: '2s' } });
    pages = await Application.start(cluster, cluster.app);
    api = await Balancer.start(cluster.servers); // so that the back end goes on while clients have no network
    backEnd = await Application.start(api, cluster.app);
    browser = await launch();
    context = await browser.newContext();
    context.setDefaultTimeout(patience);
    page = await context.newPage();
    page.on('pageerror', (error) => console.error(`the page failed: ${error.stack}`));
    const { app: { key }, host, port } = cluster;
    await page.goto(`${pages.url}/example/index.html?${new URLSearchParams({ key, host, port, user: 1 })}`);
    await eventually('the page is in the room', patience, async () => (await value('room')) === 1);
    sequence = new Sequence(backEnd, 'orders', 20);
    await progress();
  });

  after(async () => {
    await sequence?.end();
    await browser?.close();
    for (const one of [pages, backEnd, api, cluster]) {
      await one?.stop();
    }
  });

  /** Waits until the page has what is published from now on. */
  async function progress(numbers = 20) {
    const until = sequence.last + numbers;
    await eventually(`the page has number ${until}`, patience, async () => (await value('last')) >= until);
  }

  /** Waits until the page has all that was published, and checks that it is whole; where servers were apart, in any order. */
  async function whole(ordered = true) {
    await eventually('nothing is missing', patience, async () => (await value('missing')) === 0 && (await value('last')) > 0);
    await progress();
    assert.equal(await value('missing'), 0);
    assert.equal(await value('doubled'), 0);
    if (ordered) {
      assert.equal(await value('disordered'), 0);
    }
    assert.equal(await page.textContent('#problem'), '');
  }

  /** Every client goes to that server. */
  async function gather(server) {
    const others = cluster.servers.filter((other) => other !== server);
    others.forEach((other) => cluster.balancer.out.add(other));
    const resumed = (await lines('resumed')).length;
    cluster.balancer.cut();
    await eventually('the page is back', patience, async () => (await lines('resumed')).length > resumed + 1);
    others.forEach((other) => cluster.balancer.out.delete(other));
  }

  test('stays connected and whole, and nobody leaves, while all servers are replaced one after another', { timeout }, async () => {
    const observers = await context.newPage();
    await observers.goto(pages.url);
    const open = async (user, resume) => {
      const number = await observers.evaluate(([key, options]) => window.openPusher(key, options),
        [cluster.app.key, { ...pages.clientOptions(user), ...(resume && { resume }) }]);
      const call = (method, ...given) => observers.evaluate(([n, m, a]) => window.clients[n][m](...a), [number, method, given]);
      await call('connected', patience);
      assert.equal((await call('subscribe', room)).event, 'succeeded');
      await call('keep', room, 'pusher:member_removed');
      await call('keep', room, 'pusher:member_added');
      return call;
    };
    const plain = await open(2);
    const resuming = await open(3, {});
    await eventually('all see three in the room', patience, async () => (await value('room')) === 3
      && (await plain('members', room)).count === 3);
    const node = platforms.Node();
    const others = await Promise.all(Array.from({ length: 12 }, async () => {
      const client = await node.pusher(pages, { ...pages.clientOptions(), resume: {} });
      await client.connected(patience);
      assert.equal((await client.subscribe('orders')).event, 'succeeded');
      client.keep('orders', 'number');
      return client;
    }));
    const came = await lines('members');
    const joined = await plain('kept', room, 'pusher:member_added');
    const states = await lines('states');
    assert.equal(states.at(-1), 'connected');

    for (const server of cluster.servers) {
      takeOut(server);
      await server.end('SIGTERM');
      await server.startAnew();
      await cluster.complete();
      putIn(server);
    }
    await whole();

    const { last } = sequence;
    for (const client of others) {
      await eventually(`number ${last} came`, patience, () => client.kept('orders', 'number').includes(last));
      const numbers = client.kept('orders', 'number').sort((a, b) => a - b); // through three servers: their order is no one's
      assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i));
      assert.deepEqual(client.states().filter((state) => state !== 'connecting'), ['connected']);
    }
    await node.closeClients();
    assert.deepEqual(await lines('states'), states);
    assert.ok(await value('moves') >= 1, 'the page was on a server that was replaced');
    assert.deepEqual(await lines('members'), came);
    for (const observer of [plain, resuming]) {
      assert.deepEqual(await observer('kept', room, 'pusher:member_removed'), []);
    }
    assert.deepEqual(await plain('kept', room, 'pusher:member_added'), joined);
    assert.deepEqual(await resuming('kept', room, 'pusher:member_added'), []);
    assert.equal(await value('room'), 3);
    await observers.close();
  });

  test('is whole after its server was killed', { timeout }, async () => {
    const [server] = cluster.servers;
    await gather(server);
    await progress();
    const states = (await lines('states')).length;
    takeOut(server);
    await server.end('SIGKILL');
    await whole();
    assert.ok((await lines('states')).length > states, 'it had to connect anew');
    await server.startAnew();
    await cluster.complete();
    putIn(server);
  });

  test('is whole after twenty seconds without network', { timeout }, async () => {
    const before = await value('last');
    await context.setOffline(true);
    cluster.balancer.closed = true;
    cluster.balancer.cut();
    await pause(20_000);
    const missed = sequence.last - (await value('last'));
    cluster.balancer.closed = false;
    await context.setOffline(false);
    await whole();
    assert.ok(missed > 50, `${missed} were published meanwhile`);
    assert.ok(await value('last') >= before + missed);
  });

  test('is whole after Redis was restarted and had lost everything', { timeout }, async () => {
    await cluster.redis.stop('SIGKILL');
    await pause(1_000);
    await cluster.redis.startAnew();
    await cluster.complete();
    await whole(false);
    cluster.balancer.cut(); // and by then the new history holds
    await whole(false);
  });
});
