import { createServer } from 'node:http';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import PusherServer from 'pusher';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const files = {
  '/': ['page/index.html', 'text/html'],
  '/main.mjs': ['page/main.mjs', 'text/javascript'],
  '/mailbox.mjs': ['page/mailbox.mjs', 'text/javascript'],
  '/pusher-client.mjs': ['page/pusher-client.mjs', 'text/javascript'],
  '/echo-client.mjs': ['page/echo-client.mjs', 'text/javascript'],
  '/pusher.js': ['node_modules/pusher-js/dist/web/pusher-with-encryption.js', 'text/javascript'],
  '/resume.js': ['../packages/pusher-js-resume/pusher-js-resume.js', 'text/javascript'],
  '/pusher-js-resume.js': ['../packages/pusher-js-resume/pusher-js-resume.js', 'text/javascript'],
  '/example/index.html': ['../packages/pusher-js-resume/example/index.html', 'text/html'],
  '/example/pusher.min.js': ['node_modules/pusher-js/dist/web/pusher.min.js', 'text/javascript'],
  '/echo.js': ['node_modules/laravel-echo/dist/echo.js', 'text/javascript'],
};

/**
 * The web application that a server stands behind: it serves the page, authorizes channels and publishes, all by the
 * `pusher` SDK. Who is logged in says the header `X-User`. Channels with `forbidden` in their name are for nobody;
 * for those with `forged` it signs with a wrong secret, as an application with a stale setting does; for those with
 * `signed-in` it leaves out the member, which is then the user that the client has signed in as.
 */
export class Application {
  #server;
  forbidden = new Set();

  static async start(reverb, credentials = reverb.app) {
    const application = new Application();
    const options = {
      appId: credentials.id,
      key: credentials.key,
      secret: credentials.secret,
      host: reverb.host,
      port: String(reverb.port),
      useTLS: reverb.secure,
      timeout: 10_000,
      encryptionMasterKeyBase64: randomBytes(32).toString('base64'),
    };
    application.reverb = reverb;
    application.credentials = credentials;
    application.options = options;
    application.pusher = new PusherServer(options);
    application.forger = new PusherServer({ ...options, secret: 'another-secret' });
    application.#server = createServer((request, response) => {
      application.#serve(request, response).catch((error) => response.writeHead(500).end(String(error.stack)));
    }).listen(0, '127.0.0.1');
    await once(application.#server, 'listening');
    application.url = `http://127.0.0.1:${application.#server.address().port}`;
    return application;
  }

  /** Options for `pusher-js`, as an application gives them to its page; `user` is who is logged in, and watches `watchlist`. */
  clientOptions(user, watchlist) {
    const headers = { ...(user !== undefined && { 'X-User': String(user) }), ...(watchlist && { 'X-Watchlist': watchlist.join() }) };
    return {
      cluster: '',
      wsHost: this.reverb.host,
      wsPort: this.reverb.port,
      wssPort: this.reverb.port,
      forceTLS: this.reverb.secure,
      enabledTransports: ['ws', 'wss'],
      channelAuthorization: { transport: 'ajax', endpoint: `${this.url}/broadcasting/auth`, headers },
      userAuthentication: { transport: 'ajax', endpoint: `${this.url}/broadcasting/user-auth`, headers },
    };
  }

  /** Options for Laravel Echo, as Laravel's own `echo.js` gives them. */
  echoOptions(user) {
    const headers = user === undefined ? {} : { 'X-User': String(user) };
    return {
      broadcaster: 'reverb',
      key: this.credentials.key,
      wsHost: this.reverb.host,
      wsPort: this.reverb.port,
      wssPort: this.reverb.port,
      forceTLS: this.reverb.secure,
      enabledTransports: ['ws', 'wss'],
      authEndpoint: `${this.url}/broadcasting/auth`,
      auth: { headers },
      userAuthentication: { endpoint: `${this.url}/broadcasting/user-auth`, headers },
    };
  }

  async #serve(request, response) {
    const { pathname } = new URL(request.url, this.url);
    if (request.method === 'POST') {
      const form = new URLSearchParams(await body(request));
      const [status, answer] = this.#answer(pathname, form, request.headers['x-user'], request.headers['x-watchlist']);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    } else if (pathname in files) {
      const [path, type] = files[pathname];
      response.writeHead(200, { 'Content-Type': type });
      createReadStream(here(path)).pipe(response);
    } else {
      response.writeHead(404).end();
    }
  }

  #answer(path, form, user, watchlist) {
    const socket = form.get('socket_id');
    const channel = form.get('channel_name');
    switch (path) {
      case '/broadcasting/auth': {
        if (channel.includes('forbidden') || this.forbidden.has(channel)) {
          return [403, { message: 'This action is unauthorized.' }];
        }
        const signer = channel.includes('forged') ? this.forger : this.pusher;
        const member = channel.startsWith('presence-') && !channel.includes('signed-in') ? { user_id: user, user_info: { name: `User ${user}` } } : undefined;
        return [200, signer.authorizeChannel(socket, channel, member)];
      }
      case '/broadcasting/user-auth':
        return user === undefined ? [403, {}] : [200, this.pusher.authenticateUser(socket, { id: user, user_info: { name: `User ${user}` }, ...(watchlist && { watchlist: watchlist.split(',') }) })];
      default:
        return [404, {}];
    }
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

async function body(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
  }
  return text;
}
