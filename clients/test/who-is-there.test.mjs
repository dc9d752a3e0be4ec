import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Application } from '../harness/application.mjs';
import { Redis } from '../harness/redis.mjs';
import { Reverb } from '../harness/reverb.mjs';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;
const redis = await Redis.start();
const environment = { ...redis.environment, REVERB_APP_SUBSCRIPTION_COUNT_EVENTS: 'true' };

after(() => redis.stop());

onEveryPlatform('pusher-js over two servers', (world) => {
  let other;
  before(async () => {
    other = await Application.start(await Reverb.start({ environment }));
  });
  after(async () => {
    await other?.stop();
    await other?.reverb.stop();
  });

  const signedIn = async (user, watchlist, application = world.application) => {
    const client = await world.pusher({ user, watchlist, application });
    assert.equal((await client.signin()).event, 'succeeded');
    return client;
  };

  test('channel.subscriptionCount counts the subscribers of both', { timeout }, async () => {
    const channel = fresh('counted');
    const here = await world.pusher();
    await here.subscribe(channel);
    assert.deepEqual((await here.take(channel, 'pusher:subscription_count')).data, { subscription_count: 1 });
    const there = await world.pusher({ application: other });
    await there.subscribe(channel);
    assert.deepEqual((await here.take(channel, 'pusher:subscription_count')).data, { subscription_count: 2 });
    assert.equal(await here.subscriptionCount(channel), 2);
    await there.disconnect();
    assert.deepEqual((await here.take(channel, 'pusher:subscription_count')).data, { subscription_count: 1 });
    assert.equal(await here.subscriptionCount(channel), 1);
  });

  test('user.watchlist says who of both comes and goes', { timeout }, async () => {
    const [me, friend, stranger] = [fresh('me'), fresh('friend'), fresh('stranger')];
    const client = await signedIn(me, [friend, stranger]);
    assert.deepEqual((await client.take('watchlist', 'offline')).data, { name: 'offline', user_ids: [friend, stranger] });
    const there = await signedIn(friend, [me], other);
    assert.deepEqual((await there.take('watchlist', 'online')).data, { name: 'online', user_ids: [me] });
    assert.deepEqual((await client.take('watchlist', 'online')).data, { name: 'online', user_ids: [friend] });
    await there.disconnect();
    assert.deepEqual((await client.take('watchlist', 'offline')).data, { name: 'offline', user_ids: [friend] });
  });
}, { environment });
