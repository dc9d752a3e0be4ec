import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;

onEveryPlatform('Laravel Echo', (world) => {
  test('a public channel hears events by their Laravel class name and by their own', { timeout }, async () => {
    const echo = await world.echo();
    const name = fresh('orders');
    assert.equal((await echo.open('public', name, { events: ['OrderShipped', '.order.paid'] })).event, 'subscribed');
    await world.application.pusher.trigger(name, 'App\\Events\\OrderShipped', { order: { id: 5 } });
    await world.application.pusher.trigger(name, 'order.paid', { order: { id: 6 } });
    assert.deepEqual((await echo.take(name, 'OrderShipped')).data, { order: { id: 5 } });
    assert.deepEqual((await echo.take(name, '.order.paid')).data, { order: { id: 6 } });
  });

  test('a private channel hears events and notifications', { timeout }, async () => {
    const echo = await world.echo({ user: 7 });
    const name = fresh('App.Models.User.7');
    assert.equal((await echo.open('private', name, { events: ['OrderShipped'], notifications: true })).event, 'subscribed');
    await world.application.pusher.trigger(`private-${name}`, 'App\\Events\\OrderShipped', { id: 5 });
    assert.deepEqual((await echo.take(name, 'OrderShipped')).data, { id: 5 });
    const notification = { id: 'a1', type: 'App\\Notifications\\Paid' };
    await world.application.pusher.trigger(`private-${name}`, 'Illuminate\\Notifications\\Events\\BroadcastNotificationCreated', notification);
    assert.deepEqual((await echo.take(name, 'notification')).data, notification);
  });

  test('a private channel that the application refuses reports its error', { timeout }, async () => {
    const echo = await world.echo({ user: 7 });
    const answer = await echo.open('private', fresh('forbidden'));
    assert.equal(answer.event, 'error');
    assert.equal(answer.data.status, 403);
  });

  test('an encrypted private channel hears what was published', { timeout }, async () => {
    const echo = await world.echo({ user: 7 });
    const name = fresh('health');
    assert.equal((await echo.open('encrypted', name, { events: ['.result'] })).event, 'subscribed');
    await world.application.pusher.trigger(`private-encrypted-${name}`, 'result', { ok: true });
    assert.deepEqual((await echo.take(name, '.result')).data, { ok: true });
  });

  test('a presence channel reports here, joining and leaving', { timeout }, async () => {
    const name = fresh('chat');
    const anna = await world.echo({ user: 1 });
    await anna.open('presence', name);
    assert.deepEqual((await anna.take(name, 'here')).data, [{ name: 'User 1' }]);
    const bert = await world.echo({ user: 2 });
    await bert.open('presence', name);
    const names = (await bert.take(name, 'here')).data.map((user) => user.name);
    assert.deepEqual(names.sort(), ['User 1', 'User 2']);
    assert.deepEqual((await anna.take(name, 'joining')).data, { name: 'User 2' });
    await bert.leave(name);
    assert.deepEqual((await anna.take(name, 'leaving')).data, { name: 'User 2' });
  });

  for (const kind of ['private', 'presence']) {
    test(`a whisper on a ${kind} channel reaches the others, not its sender`, { timeout }, async () => {
      const name = fresh('chat');
      const [anna, bert] = [await world.echo({ user: 1 }), await world.echo({ user: 2 })];
      await anna.open(kind, name, { whispers: ['typing'] });
      await bert.open(kind, name, { whispers: ['typing'] });
      await anna.whisper(kind, name, 'typing', { name: 'Anna' });
      assert.deepEqual((await bert.take(name, 'whisper typing')).data, { name: 'Anna' });
      await bert.whisper(kind, name, 'typing', { name: 'Bert' });
      assert.deepEqual((await anna.take(name, 'whisper typing')).data, { name: 'Bert' });
    });
  }

  test('`toOthers` leaves out the socket that Echo names', { timeout }, async () => {
    const name = fresh('comments');
    const [cause, other] = [await world.echo(), await world.echo()];
    await cause.open('public', name, { events: ['.added'] });
    await other.open('public', name, { events: ['.added'] });
    await world.application.pusher.trigger(name, 'added', { n: 1 }, { socket_id: await cause.socketId() });
    await world.application.pusher.trigger(name, 'added', { n: 2 });
    assert.deepEqual((await cause.take(name, '.added')).data, { n: 2 });
    assert.deepEqual((await other.take(name, '.added')).data, { n: 1 });
  });

  test('after `leave` the channel is silent and vacant', { timeout }, async () => {
    const name = fresh('orders');
    const echo = await world.echo();
    await echo.open('public', name, { events: ['.paid'] });
    await echo.leave(name);
    await echo.open('public', fresh('after')); // answered after the unsubscription took effect
    const { channels } = await (await world.application.pusher.get({ path: '/channels' })).json();
    assert.equal(name in channels, false);
  });
});
