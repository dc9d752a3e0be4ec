import { Mailbox } from './mailbox.mjs';

/** `pusher-js` behind methods that take and return plain values, so that a test may call them across the page's border. */
export class PusherClient {
  #mailbox = new Mailbox();
  #pusher;
  #states = [];
  #events = [];

  /** Connects at once, as an application does; with `resume`, which are the plugin's options, its channels resume. */
  constructor(Pusher, key, { resume, ...options }) {
    this.#pusher = new Pusher(key, options);
    if (resume) {
      globalThis.PusherResume.resume(this.#pusher, {
        ...resume,
        onResumed: (resumed) => this.#mailbox.put(null, 'resumed', resumed),
        onMoved: (moved) => this.#mailbox.put(null, 'moved', moved),
        onMoveFailed: (failed) => this.#mailbox.put(null, 'moveFailed', failed),
      });
    }
    this.#pusher.connection.bind('state_change', ({ current }) => this.#states.push(current));
    const connection = this.#pusher.connection;
    connection.bind('state_change', ({ current }) => this.#mailbox.put(null, current, null));
    connection.bind('error', ({ type, error, data }) => this.#mailbox.put(null, 'error', error?.data ?? data ?? { type }));
    connection.bind('message', ({ event, channel, data }) => this.#mailbox.put(`raw:${channel ?? ''}`, event, data));
  }

  /** The socket id, once connected. */
  async connected(milliseconds) {
    await this.#mailbox.take(null, 'connected', milliseconds);
    return this.#pusher.connection.socket_id;
  }

  socketId() {
    return this.#pusher.connection.socket_id;
  }

  state() {
    return this.#pusher.connection.state;
  }

  /** Every state that the connection had, in order. */
  states() {
    return this.#states;
  }

  /** Keeps the data of one event of a channel, for `kept`. */
  keep(channel, event) {
    this.#pusher.channel(channel).bind(event, (data) => this.#events.push({ channel, event, data: plain(data) }));
  }

  /** The data of all events that were kept, in the order in which they came. */
  kept(channel, event) {
    return this.#events.filter((one) => one.channel === channel && one.event === event).map(({ data }) => data);
  }

  /**
   * Asks for a channel and waits until the server has answered: `{event: 'succeeded' | 'error', data}`. The answer to a
   * later subscription, after a reconnect, is a letter `answer`. Those of `clientEvents` arrive with their sender's user id.
   */
  async subscribe(name, clientEvents = []) {
    const channel = this.#pusher.subscribe(name);
    const answers = { 'pusher:subscription_succeeded': 'succeeded', 'pusher:subscription_error': 'error' };
    channel.bind_global((event, data) => {
      if (event in answers) {
        this.#mailbox.put(name, 'answer', { event: answers[event], data: plain(data) });
      } else if (!clientEvents.includes(event)) {
        this.#mailbox.put(name, event, plain(data));
      }
    });
    for (const event of clientEvents) {
      channel.bind(event, (data, metadata) => this.#mailbox.put(name, event, plain(data), { userId: metadata?.user_id }));
    }
    return (await this.#mailbox.take(name, 'answer')).data;
  }

  /** Asks for a channel without waiting for an answer. */
  ask(name) {
    this.#pusher.subscribe(name);
  }

  unsubscribe(name) {
    this.#pusher.unsubscribe(name);
  }

  trigger(name, event, data) {
    return this.#pusher.channel(name).trigger(event, data);
  }

  members(name) {
    return plain(this.#pusher.channel(name).members);
  }

  /** How many are subscribed to the channel, as far as `pusher-js` knows. */
  subscriptionCount(name) {
    return this.#pusher.channel(name).subscriptionCount;
  }

  /** Signs in by the application's endpoint and waits for the server's answer: `{event, data}`. */
  async signin() {
    this.#pusher.connection.bind('message', ({ event, data }) => {
      if (event === 'pusher:signin_success') {
        this.#mailbox.put('user', 'answer', { event: 'succeeded', data });
      }
    });
    this.#pusher.user.bind_global((event, data) => this.#mailbox.put('user', event, plain(data)));
    this.#pusher.user.watchlist.bind_global((event, data) => this.#mailbox.put('watchlist', event, plain(data)));
    this.#pusher.signin();
    return (await this.#mailbox.take('user', 'answer')).data;
  }

  take(channel, event, milliseconds) {
    return this.#mailbox.take(channel, event, milliseconds);
  }

  left(channel) {
    return this.#mailbox.left(channel);
  }

  disconnect() {
    this.#pusher.disconnect();
  }
}

/** `pusher-js` hands out its own `Members` and error objects: what of them is data. */
function plain(value) {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if ('myID' in value) {
    const { members, count, myID, me } = value;
    return { members, count, myID, me };
  }
  return JSON.parse(JSON.stringify(value));
}
