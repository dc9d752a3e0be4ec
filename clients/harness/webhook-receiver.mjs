import { createServer } from 'node:http';
import { once } from 'node:events';
import { eventually } from './eventually.mjs';

/** A back end that takes webhooks as they come: `{headers, rawBody}`, which is what the `pusher` SDK validates. */
export class WebhookReceiver {
  #server;

  requests = [];

  static async start() {
    const receiver = new WebhookReceiver();
    receiver.#server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      receiver.requests.push({ headers: request.headers, rawBody: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(204).end();
    }).listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    receiver.url = `http://127.0.0.1:${receiver.#server.address().port}/pusher`;
    return receiver;
  }

  /** All events so far, each once. */
  get events() {
    const events = this.requests.flatMap(({ rawBody }) => JSON.parse(rawBody).events);
    return [...new Map(events.map((event) => [event.id, event])).values()];
  }

  /** Waits for an event that `wanted` accepts. */
  async take(what, wanted) {
    await eventually(what, 30_000, () => this.events.some(wanted));
    return this.events.find(wanted);
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
