import { createRequire } from 'node:module';
import Echo from 'laravel-echo';
import { EchoClient } from '../page/echo-client.mjs';
import { PusherClient } from '../page/pusher-client.mjs';
import { launch } from './chromium.mjs';

const Pusher = createRequire(import.meta.url)('pusher-js');
await import('../../packages/pusher-js-resume/index.mjs');

/** `pusher-js` and Echo in this process. */
class NodePlatform {
  #clients = [];

  async start() {}

  async pusher(application, options = application.clientOptions()) {
    return this.#opened(new PusherClient(Pusher, application.credentials.key, options));
  }

  async echo(application, options = application.echoOptions()) {
    return this.#opened(new EchoClient(Echo, Pusher, options));
  }

  #opened(client) {
    this.#clients.push(client);
    return client;
  }

  /** Ends all clients that were opened since the last call. */
  async closeClients() {
    this.#clients.splice(0).forEach((client) => client.disconnect());
  }

  async stop() {}
}

/** `pusher-js` and Echo in a real browser: all clients of an application share the page that it serves. */
class ChromiumPlatform {
  #browser;
  #context;
  #pages = new Map();

  async start() {
    this.#browser = await launch();
    this.#context = await this.#browser.newContext({ ignoreHTTPSErrors: true });
    this.#context.setDefaultTimeout(90_000);
  }

  async pusher(application, options = application.clientOptions()) {
    const page = await this.#page(application);
    return remote(page, await page.evaluate(([key, o]) => window.openPusher(key, o), [application.credentials.key, options]));
  }

  async echo(application, options = application.echoOptions()) {
    const page = await this.#page(application);
    return remote(page, await page.evaluate((o) => window.openEcho(o), options));
  }

  async #page({ url }) {
    if (!this.#pages.has(url)) {
      const page = await this.#context.newPage();
      this.#pages.set(url, page);
      await page.goto(url);
    }
    return this.#pages.get(url);
  }

  /** Ends all clients that were opened since the last call. */
  async closeClients() {
    await Promise.all([...this.#pages.values()].map((page) => page.evaluate(() => window.clients.forEach((client) => client.disconnect()))));
  }

  async stop() {
    await this.#browser?.close();
  }
}

/** A client that lives in a page: every method is called there. */
function remote(page, number) {
  return new Proxy({}, {
    get: (_, method) => method === 'then' ? undefined
      : (...given) => page.evaluate(([n, m, a]) => window.clients[n][m](...a), [number, method, given]),
  });
}

/** Where the browser libraries run: the same tests hold on both. */
export const platforms = { Node: () => new NodePlatform(), Chromium: () => new ChromiumPlatform() };
