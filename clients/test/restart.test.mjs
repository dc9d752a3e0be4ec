import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../harness/eventually.mjs';
import { Reverb } from '../harness/reverb.mjs';
import { fresh, onEveryPlatform } from '../harness/suite.mjs';

const timeout = 120_000;

/**
 * A server that is alone closes with 4100, and `pusher-js` is back after one second; it sits out 15 s when that attempt is refused because
 * the new server does not listen yet, as it may be on a busy machine.
 */
const backWithin = 40_000;

const ends = {
  '`./reverb restart`': async (reverb) => {
    const { code, output } = await reverb.run('restart');
    assert.equal(code, 0, output);
  },
  'SIGTERM': (reverb) => reverb.end('SIGTERM'),
  'SIGKILL': (reverb) => reverb.end('SIGKILL'),
};

onEveryPlatform('a new server in place of the old', (world) => {
  for (const [how, end] of Object.entries(ends)) {
    test(`after ${how} pusher-js and Echo return by themselves, with all their channels`, { timeout }, async (t) => {
      const [open, room, name] = [fresh('open'), fresh('presence-room'), fresh('orders')];
      const pusher = await world.pusher({ user: 1 });
      const socket = await pusher.socketId();
      await pusher.subscribe(open);
      await pusher.subscribe(room);
      const echo = await world.echo({ user: 2 });
      await echo.open('private', name, { events: ['.paid'] });

      const started = Date.now();
      await end(world.reverb);
      await world.reverb.startAnew();
      t.diagnostic(`the new server answers after ${Date.now() - started} ms`);
      await eventually('the new server has all channels of both clients', backWithin, async () => {
        const { channels } = await (await world.application.pusher.get({ path: '/channels' })).json();
        return [open, room, `private-${name}`].every((channel) => channel in channels);
      });
      t.diagnostic(`both clients are back after ${Date.now() - started} ms`);

      assert.notEqual(await pusher.socketId(), socket);
      await eventually('the members of the presence channel are known again', 20_000, async () => (await pusher.members(room)).count === 1);
      await world.application.pusher.trigger([open, `private-${name}`], 'paid', { id: 1 });
      assert.deepEqual((await pusher.take(open, 'paid')).data, { id: 1 });
      assert.deepEqual((await echo.take(name, '.paid')).data, { id: 1 });
    });
  }
});

describe('a server that is alone and has a drain duration', () => {
  const many = 40;
  let reverb;
  before(async () => {
    reverb = await Reverb.start({ environment: { REVERB_DRAIN_DURATION: '3s', REVERB_DRAIN_CLOSES_PER_SECOND: '10' } });
  });
  after(() => reverb?.stop());

  test('those who were closed first, at its pace, are back as soon as those who were closed last', { timeout }, async (t) => {
    const { Pusher } = await import('pusher-js').then((module) => module.default?.Pusher ? module.default : { Pusher: module.default });
    const clients = Array.from({ length: many }, () => new Pusher(reverb.app.key, {
      cluster: '', wsHost: reverb.host, wsPort: reverb.port, forceTLS: false, enabledTransports: ['ws'],
    }));
    const connected = () => clients.filter((client) => client.connection.state === 'connected').length;
    try {
      await eventually('all are connected', 20_000, () => connected() === many);
      const { code, output } = await reverb.run('restart');
      assert.equal(code, 0, output);
      await reverb.ended();
      const ended = Date.now();
      await reverb.startAnew();
      const listens = Date.now();
      await eventually('all are back', backWithin, () => connected() === many);
      t.diagnostic(`${many} clients are back ${Date.now() - listens} ms after the new server listens`);
      // who meets a closed port waits for 15 s, which only a start that takes longer than a second excuses
      const most = listens - ended < 800 ? 5_000 : 17_000;
      assert.ok(Date.now() - listens < most, `${Date.now() - listens} ms, after a start of ${listens - ended} ms`);
    } finally {
      clients.forEach((client) => client.disconnect());
    }
  });
});
