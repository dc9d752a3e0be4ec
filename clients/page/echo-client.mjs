import { Mailbox } from './mailbox.mjs';

const methods = { public: 'channel', private: 'private', presence: 'join', encrypted: 'encryptedPrivate' };

/** Laravel Echo behind methods that take and return plain values, so that a test may call them across the page's border. */
export class EchoClient {
  #mailbox = new Mailbox();
  #echo;

  /** Connects at once, as an application does; with `resume`, which are the plugin's options, its channels resume. */
  constructor(Echo, Pusher, { resume, ...options }) {
    this.#echo = new Echo({ ...options, Pusher });
    if (resume) {
      globalThis.PusherResume.resume(this.#echo, { ...resume, onMoved: (moved) => this.#mailbox.put(null, 'moved', moved) });
    }
    this.#echo.connector.pusher.connection.bind('state_change', ({ current }) => this.#mailbox.put(null, current, null));
  }

  /** The socket id, once connected. */
  async connected(milliseconds) {
    await this.#mailbox.take(null, 'connected', milliseconds);
    return this.#echo.socketId();
  }

  status() {
    return this.#echo.connector.connectionStatus();
  }

  socketId() {
    return this.#echo.socketId();
  }

  /** Opens a channel by Echo's method for its kind, and waits for the server's answer: `{event: 'subscribed' | 'error', data}`. */
  async open(kind, name, { events = [], whispers = [], notifications = false } = {}) {
    const channel = this.#echo[methods[kind]](name);
    const put = (event) => (data) => this.#mailbox.put(name, event, data === undefined ? null : JSON.parse(JSON.stringify(data)));
    const answer = (event) => (data) => this.#mailbox.put(name, 'answer', { event, data: data ?? null });
    channel.subscribed(answer('subscribed')).error(answer('error'));
    events.forEach((event) => channel.listen(event, put(event)));
    whispers.forEach((event) => channel.listenForWhisper(event, put(`whisper ${event}`)));
    if (notifications) {
      channel.notification(put('notification'));
    }
    if (kind === 'presence') {
      channel.here(put('here')).joining(put('joining')).leaving(put('leaving'));
    }
    return (await this.#mailbox.take(name, 'answer')).data;
  }

  whisper(kind, name, event, data) {
    this.#echo[methods[kind]](name).whisper(event, data);
  }

  leave(name) {
    this.#echo.leave(name);
  }

  take(channel, event, milliseconds) {
    return this.#mailbox.take(channel, event, milliseconds);
  }

  left(channel) {
    return this.#mailbox.left(channel);
  }

  disconnect() {
    this.#echo.disconnect();
  }
}
