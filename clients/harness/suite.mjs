import { after, afterEach, before, describe } from 'node:test';
import { Application } from './application.mjs';
import { platforms } from './platforms.mjs';
import { Reverb } from './reverb.mjs';
import { Sequence } from './sequence.mjs';

let names = 0;

/** A channel name that no other test uses. */
export const fresh = (prefix) => `${prefix}-${++names}`;

/**
 * Declares the same tests for every platform that browser libraries run on, with one server for all of them: one that
 * `Reverb.start` makes of `server`, or what `server` returns where it is a function.
 * `tests` is called with a world: `reverb`, `application`, and `pusher()` and `echo()` that open clients of it.
 */
export function onEveryPlatform(title, tests, server) {
  describe(title, () => {
    const world = {};
    before(async () => {
      world.reverb = typeof server === 'function' ? await server() : await Reverb.start(server);
      world.application = await Application.start(world.reverb);
    });
    after(async () => {
      await world.application?.stop();
      await world.reverb?.stop();
    });
    for (const [name, create] of Object.entries(platforms)) {
      describe(`in ${name}`, () => {
        const platform = create();
        before(() => platform.start());
        afterEach(() => Sequence.endAll());
        afterEach(() => platform.closeClients());
        after(() => platform.stop());
        tests({
          platform: name,
          get reverb() {
            return world.reverb;
          },
          get application() {
            return world.application;
          },
          /** A connected `pusher-js`; `user` is who is logged in at the application, and watches `watchlist`. */
          async pusher({ user, watchlist, application = world.application, options = {} } = {}) {
            const client = await platform.pusher(application, { ...application.clientOptions(user, watchlist), ...options });
            await client.connected();
            return client;
          },
          /** A `pusher-js` that nobody has waited for. */
          unconnected: ({ application = world.application, options = {} } = {}) =>
            platform.pusher(application, { ...application.clientOptions(), ...options }),
          /** A connected Laravel Echo. */
          async echo({ user, application = world.application, options = {} } = {}) {
            const client = await platform.echo(application, { ...application.echoOptions(user), ...options });
            await client.connected();
            return client;
          },
        });
      });
    }
  });
}
