import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;
const member = (id) => ({ id: String(id), info: { name: `User ${id}` } });

onEveryPlatform('pusher-js presence and client events', (world) => {
  test('a presence channel tells who is there, who comes and who goes', { timeout }, async () => {
    const channel = fresh('presence-room');
    const anna = await world.pusher({ user: 1 });
    const here = await anna.subscribe(channel);
    assert.deepEqual(here.data, { members: { 1: { name: 'User 1' } }, count: 1, myID: '1', me: member(1) });

    const bert = await world.pusher({ user: 2 });
    const there = await bert.subscribe(channel);
    assert.deepEqual(there.data.members, { 1: { name: 'User 1' }, 2: { name: 'User 2' } });
    assert.equal(there.data.count, 2);
    assert.deepEqual(there.data.me, member(2));
    assert.deepEqual((await anna.take(channel, 'pusher:member_added')).data, member(2));

    await bert.unsubscribe(channel);
    assert.deepEqual((await anna.take(channel, 'pusher:member_removed')).data, member(2));
    assert.equal((await anna.members(channel)).count, 1);
    assert.deepEqual(await bert.left(channel), [], 'nobody is told of their own coming and going');
  });

  test('a member whose connection ends is gone for the others', { timeout }, async () => {
    const channel = fresh('presence-room');
    const [anna, bert] = [await world.pusher({ user: 1 }), await world.pusher({ user: 2 })];
    await anna.subscribe(channel);
    await bert.subscribe(channel);
    await anna.take(channel, 'pusher:member_added');
    await bert.disconnect();
    assert.deepEqual((await anna.take(channel, 'pusher:member_removed')).data, member(2));
  });

  test('a user with two connections comes once and goes once', { timeout }, async () => {
    const channel = fresh('presence-room');
    const anna = await world.pusher({ user: 1 });
    await anna.subscribe(channel);
    const [phone, laptop] = [await world.pusher({ user: 2 }), await world.pusher({ user: 2 })];
    await phone.subscribe(channel);
    assert.equal((await laptop.subscribe(channel)).data.count, 2);
    await phone.unsubscribe(channel);
    await phone.subscribe(fresh('after')); // answered after the unsubscription took effect
    await world.application.pusher.trigger(channel, 'fence', {});
    await anna.take(channel, 'fence');
    assert.deepEqual(await anna.left(channel), ['pusher:member_added']);
    await laptop.unsubscribe(channel);
    await anna.take(channel, 'pusher:member_removed');
    assert.deepEqual(await anna.left(channel), ['pusher:member_added']);
  });

  test('published events reach the members', { timeout }, async () => {
    const channel = fresh('presence-room');
    const anna = await world.pusher({ user: 1 });
    await anna.subscribe(channel);
    await world.application.pusher.trigger(channel, 'notice', { text: 'hello' });
    assert.deepEqual((await anna.take(channel, 'notice')).data, { text: 'hello' });
  });

  for (const prefix of ['public', 'private', 'presence']) {
    test(`a client event on a ${prefix} channel goes to the others, not back`, { timeout }, async () => {
      const channel = fresh(`${prefix}-typing`);
      const [anna, bert] = [await world.pusher({ user: 1 }), await world.pusher({ user: 2 })];
      await anna.subscribe(channel, ['client-typing']);
      await bert.subscribe(channel, ['client-typing']);
      assert.equal(await anna.trigger(channel, 'client-typing', { key: 'a', list: [], object: {} }), true);
      const seen = await bert.take(channel, 'client-typing');
      assert.deepEqual(seen.data, { key: 'a', list: [], object: {} });
      assert.equal(seen.userId, prefix === 'presence' ? '1' : undefined);
      assert.equal(await bert.trigger(channel, 'client-typing', { key: 'b' }), true);
      assert.deepEqual((await anna.take(channel, 'client-typing')).data, { key: 'b' }, 'the first that Anna gets is from Bert');
    });
  }
});
