import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;

onEveryPlatform('pusher-js users', (world) => {
  /** A client signed in as `user`, subscribed to what is sent to that user. */
  const signedIn = async (user) => {
    const client = await world.pusher({ user });
    const { event, data } = await client.signin();
    assert.equal(event, 'succeeded');
    assert.equal(JSON.parse(data.user_data).id, user);
    await client.take(`raw:#server-to-user-${user}`, 'pusher_internal:subscription_succeeded');
    return client;
  };

  test('what is sent to a user reaches every connection signed in as that user, and no other', { timeout }, async () => {
    const [phone, laptop, other] = [await signedIn('7'), await signedIn('7'), await signedIn('8')];
    assert.equal((await world.application.pusher.sendToUser('7', 'notice', { text: 'hello' })).status, 200);
    await world.application.pusher.sendToUser('8', 'notice', { text: 'for 8' });
    assert.deepEqual((await phone.take('user', 'notice')).data, { text: 'hello' });
    assert.deepEqual((await laptop.take('user', 'notice')).data, { text: 'hello' });
    assert.deepEqual((await other.take('user', 'notice')).data, { text: 'for 8' });
  });

  test('a signed-in client joins a presence channel as its user', { timeout }, async () => {
    const client = await signedIn('7');
    const { event, data } = await client.subscribe(fresh('presence-signed-in'));
    assert.equal(event, 'succeeded');
    assert.deepEqual(data.me, { id: '7', info: { name: 'User 7' } });
  });

  test('terminateUserConnections ends the connections signed in as that user, for good', { timeout }, async () => {
    const [goes, stays] = [await signedIn('evil'), await signedIn('good')];
    await world.application.pusher.terminateUserConnections('evil');
    assert.equal((await goes.take(null, 'error')).data.code, 4009);
    await goes.take(null, 'disconnected');
    assert.equal(await stays.state(), 'connected');
  });
});
