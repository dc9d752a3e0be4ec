/*
 * Messages that survive a reconnect, for pusher-js 8 and Laravel Echo 2 behind a Reverb cluster that keeps a history.
 * The protocol: docs/resume.md. One file, no dependencies; browsers, workers and Node.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
(function (root, factory) {
  const api = factory();
  if (typeof module === 'object' && module.exports) {
    module.exports = api;
  }
  root.PusherResume = api;
})(typeof globalThis === 'undefined' ? self : globalThis, function () {
  'use strict';

  /** How long an old connection is read after its successor took over, for channels whose messages have no position. */
  const OVERLAP_MS = 1000;
  /** How long a move may take beyond the moment at which the server closes the old connection. */
  const GRACE_MS = 5000;
  /** Between two attempts to open the new connection. */
  const RETRY_MS = 250;
  /** How long a move waits for subscriptions that are on their way when the notice comes. */
  const SETTLE_MS = 2000;

  /** A message's fields, or an empty object for what is none. */
  function read(data) {
    try {
      const message = JSON.parse(data);
      return message && typeof message === 'object' ? message : {};
    } catch {
      return {};
    }
  }

  /** The `data` of a message as an object, whether it came as JSON in a string or as it is. */
  function content(message) {
    return typeof message.data === 'string' ? read(message.data) : message.data || {};
  }

  /** Keeps the place in each channel's history, and asks for what was missed at each subscription. */
  class Resume {
    constructor(pusher, options) {
      this.pusher = pusher;
      this.options = options;
      /** Channel name → { position, socketId }: the last message's position, and the connection that it came by. */
      this.places = new Map();
      /** Signature → id of the connection that it was made for. */
      this.signedFor = new Map();
      this.moving = null;
      this.undo = [];
      this.watchSending();
      this.watchSignatures('channelAuthorizer');
      this.watchSignatures('userAuthenticator');
      const onConnected = () => this.attach();
      pusher.connection.bind('connected', onConnected);
      this.undo.push(() => pusher.connection.unbind('connected', onConnected));
      if (pusher.connection.state === 'connected') {
        this.attach();
      }
    }

    /** Reads what comes by the connection that was just established, before pusher-js does. */
    attach() {
      const connection = this.pusher.connection.connection;
      const transport = connection && connection.transport;
      if (!transport || !transport.socket) {
        return;
      }
      this.signedFor.clear();
      const socket = transport.socket;
      const deliver = socket.onmessage;
      socket.onmessage = (event) => this.receive(event, deliver);
      this.undo.push(() => {
        if (socket.onmessage) {
          socket.onmessage = deliver;
        }
      });
    }

    receive(event, deliver) {
      const message = read(event.data);
      if (message.event === 'pusher_internal:moving') {
        this.move(content(message));
        return;
      }
      if (this.moving && this.moving.fromOld(message, event)) {
        return;
      }
      this.deliver(message, event, deliver);
    }

    /** Hands a message to pusher-js, and takes its position for the channel's, even where a handler throws. */
    deliver(message, event, deliver) {
      try {
        deliver(event);
      } finally {
        this.learn(message, this.pusher.connection.socket_id);
      }
    }

    learn(message, socketId) {
      const name = message.channel;
      if (!name || !this.find(name)) {
        return;
      }
      if (message.event === 'pusher_internal:resumed') {
        this.resumed(name, content(message), socketId);
      } else if (typeof message.position === 'string') {
        this.places.set(name, { position: message.position, socketId });
      }
    }

    resumed(name, answer, socketId) {
      if (typeof answer.position !== 'string') {
        this.places.delete(name);
      } else if (!answer.count) { // else each of the messages that follow has its own
        this.places.set(name, { position: answer.position, socketId });
      } else if (!answer.recovered) {
        this.places.delete(name);
      }
      const result = { channel: name, recovered: Boolean(answer.recovered), count: answer.count || 0 };
      if (answer.reason) {
        result.reason = answer.reason;
      }
      const channel = this.find(name);
      if (channel) {
        channel.emit('pusher:resumed', result);
      }
      this.tell('onResumed', result);
    }

    tell(option, value) {
      if (typeof this.options[option] === 'function') {
        this.options[option](value);
      }
    }

    find(name) {
      const own = this.pusher.user && this.pusher.user.serverToUserChannel;
      return own && own.name === name ? own : this.pusher.channel(name);
    }

    /** What a subscription to that channel asks for. */
    request(name) {
      const place = this.places.get(name);
      const request = {};
      if (place) {
        request.position = place.position;
        if (place.socketId) {
          request.socket_id = place.socketId;
        }
      } else {
        const { rewind } = this.options;
        const wanted = typeof rewind === 'function' ? rewind(name) : rewind;
        if (wanted) {
          request.rewind = wanted;
        }
      }
      if (this.options.fallback) {
        request.fallback = this.options.fallback;
      }
      return request;
    }

    /** Adds to each subscription where it continues; while connections change, what is sent waits for the new one. */
    watchSending() {
      const { pusher } = this;
      const send = pusher.send_event;
      const unsubscribe = pusher.unsubscribe;
      pusher.send_event = (name, data, channel) => {
        if (this.moving) {
          this.moving.queue.push([name, data, channel]);
          return true;
        }
        return this.send(send, name, data, channel);
      };
      pusher.unsubscribe = (name) => {
        this.places.delete(name);
        return unsubscribe.call(pusher, name);
      };
      this.undo.push(() => {
        pusher.send_event = send;
        pusher.unsubscribe = unsubscribe;
      });
    }

    send(send, name, data, channel) {
      const { pusher } = this;
      if (name === 'pusher:subscribe' || name === 'pusher:signin') {
        const signed = data.auth && this.signedFor.get(data.auth);
        if (signed && signed !== pusher.connection.socket_id) { // asked for before the connection changed
          if (name === 'pusher:signin') {
            pusher.user._signin();
          } else {
            this.subscribeAnew(data.channel);
          }
          return true;
        }
      }
      if (name === 'pusher:subscribe') {
        return send.call(pusher, name, { ...data, resume: this.request(data.channel) }, channel);
      }
      return send.call(pusher, name, data, channel);
    }

    subscribeAnew(name) {
      const channel = this.find(name);
      if (channel && !channel.subscriptionCancelled) {
        channel.subscriptionPending = false;
        channel.subscribed = false;
        channel.subscribe();
      }
    }

    /** Remembers which connection a signature is for: one that arrives after a change of connections is asked for again. */
    watchSignatures(kind) {
      const { config } = this.pusher;
      const authorize = config[kind];
      if (typeof authorize !== 'function') {
        return;
      }
      config[kind] = (request, callback) =>
        authorize.call(config, request, (error, answer) => {
          if (!error && answer && answer.auth) {
            this.signedFor.set(answer.auth, request.socketId);
          }
          callback(error, answer);
        });
      this.undo.push(() => {
        config[kind] = authorize;
      });
    }

    /** The server will close this connection: opens another one, and changes over to it. */
    move(notice) {
      const connection = this.pusher.connection.connection;
      const transport = connection && connection.transport;
      if (this.moving || !transport || !transport.socket || !transport.hooks || !transport.hooks.getSocket) {
        return; // without, the close brings a new connection, and the subscriptions resume there
      }
      this.moving = new Move(this, connection, transport, Number(notice.within_ms) || 0);
      this.moving.start();
    }

    /** Positions by channel, for tests and tools. */
    positions() {
      return Object.fromEntries([...this.places].map(([name, { position }]) => [name, position]));
    }

    /** Forgets all positions and leaves pusher-js as it was. */
    stop() {
      if (this.moving) {
        this.moving.fail();
      }
      this.undo.splice(0).reverse().forEach((undo) => undo());
      this.places.clear();
    }
  }

  /**
   * The change from one connection to the next while pusher-js stays connected. Each channel is subscribed on the new one
   * before the old one ends. A channel with a position is read from the old connection until its subscription is sent;
   * the new connection continues from there. Of other channels both are read, and what both bring is delivered once.
   */
  class Move {
    constructor(resume, connection, transport, withinMs) {
      this.resume = resume;
      this.pusher = resume.pusher;
      this.connection = connection;
      this.transport = transport;
      this.old = transport.socket;
      this.oldId = this.pusher.connection.socket_id;
      this.deliverOld = (event) => transport.onMessage(event);
      this.deadline = Date.now() + withinMs + GRACE_MS;
      /** What the application sends meanwhile. */
      this.queue = [];
      /** Channel name → { frozen: old messages that wait } or { seen: how often each message came by each connection }. */
      this.parts = new Map();
      this.next = null;
      this.nextId = null;
      this.closed = null;
      this.ended = false;
    }

    start() {
      const { old, transport } = this;
      this.closeOld = old.onclose;
      old.onclose = (event) => {
        if (this.ended) {
          return;
        }
        this.closed = event || {};
      };
      old.onerror = () => {};
      this.timer = setTimeout(() => this.fail(), this.deadline - Date.now());
      this.transport = transport;
      this.settle(Date.now() + SETTLE_MS);
    }

    /** Subscriptions that are on their way end on the old connection first. */
    settle(until) {
      if (this.ended) {
        return;
      }
      if (this.closed || Date.now() > until || !this.channels().some((channel) => channel.subscriptionPending)) {
        this.open();
      } else {
        setTimeout(() => this.settle(until), 20);
      }
    }

    channels() {
      const own = this.pusher.user && this.pusher.user.serverToUserChannel;
      const all = this.pusher.allChannels();
      return own ? [...all, own] : all;
    }

    open() {
      if (this.ended) {
        return;
      }
      const { hooks, key, options } = this.transport;
      let next;
      try {
        next = hooks.getSocket(hooks.urls.getInitial(key, options), options);
      } catch {
        this.fail();
        return;
      }
      this.next = next;
      next.onmessage = (event) => this.fromNew(read(event.data), event);
      next.onerror = () => {};
      next.onclose = () => this.lost(next);
    }

    /** The new connection ended before it took over: there is time for another attempt, or there is not. */
    lost(socket) {
      if (this.ended || this.next !== socket) {
        return;
      }
      if (this.parts.size > 0 || this.closed || Date.now() + RETRY_MS > this.deadline - GRACE_MS) {
        this.fail();
      } else {
        this.next = null;
        setTimeout(() => this.open(), RETRY_MS);
      }
    }

    /** Whether this takes charge of a message of the old connection. */
    fromOld(message, event) {
      const part = message.channel && this.parts.get(message.channel);
      if (!part) {
        return false;
      }
      if (part.done && !part.seen) {
        return true; // the new connection brings it
      }
      if (part.frozen) {
        part.frozen.push([message, event]);
        return true;
      }
      return !part.first('old', event.data);
    }

    fromNew(message, event) {
      if (this.ended && this.next === null) {
        return;
      }
      switch (message.event) {
        case 'pusher:connection_established':
          this.nextId = content(message).socket_id;
          this.established();
          return;
        case 'pusher:ping':
          this.next.send(JSON.stringify({ event: 'pusher:pong', data: {} }));
          return;
        case 'pusher:signin_success':
          this.signedIn && this.signedIn();
          return;
        case 'pusher:error':
          if (!this.nextId) {
            this.fail();
          }
          return;
        default:
      }
      const part = message.channel && this.parts.get(message.channel);
      if (!part) {
        return;
      }
      if (message.event === 'pusher_internal:subscription_succeeded') {
        this.compareMembers(message);
      } else if (message.event === 'pusher_internal:resumed') {
        this.subscribed(message, part);
      } else if (!part.seen || part.first('new', event.data)) {
        try {
          this.deliverOld(event);
        } finally {
          this.resume.learn(message, this.nextId);
        }
      }
    }

    established() {
      const { pusher } = this;
      const after = () => {
        const channels = this.channels().filter((channel) => channel.subscribed);
        if (channels.length === 0) {
          this.changeOver();
        }
        channels.forEach((channel) => this.parts.set(channel.name, new Part()));
        channels.forEach((channel) => this.subscribe(channel));
      };
      if (pusher.user && pusher.user.user_data) {
        this.signedIn = after;
        pusher.config.userAuthenticator({ socketId: this.nextId }, (error, answer) => {
          if (this.ended) {
            return;
          }
          if (error) {
            this.fail();
          } else {
            this.sendNew('pusher:signin', { auth: answer.auth, user_data: answer.user_data });
          }
        });
      } else {
        after();
      }
    }

    sendNew(event, data) {
      this.next.send(JSON.stringify({ event, data }));
    }

    subscribe(channel) {
      const part = this.parts.get(channel.name);
      channel.authorize(this.nextId, (error, answer) => {
        if (this.ended) {
          return;
        }
        if (error) { // no right any more: pusher-js says so, when it subscribes anew on the new connection
          part.done = true;
          part.refused = true;
          this.progress();
          return;
        }
        const place = this.resume.places.get(channel.name);
        const resume = { fallback: 'none' };
        if (place) {
          part.frozen = [];
          resume.position = place.position;
          resume.socket_id = this.oldId;
        } else {
          part.compare();
        }
        const data = { auth: answer.auth, channel: channel.name, resume };
        if (answer.channel_data !== undefined) {
          data.channel_data = answer.channel_data;
        }
        this.sendNew('pusher:subscribe', data);
      });
    }

    /** Members who came or went between the two connections; the application sees nobody else. */
    compareMembers(message) {
      const channel = this.resume.find(message.channel);
      const { presence } = content(message);
      if (!channel || !channel.members || !presence) {
        return;
      }
      const before = { ...channel.members.members };
      const now = presence.hash;
      const has = (set, id) => Object.prototype.hasOwnProperty.call(set, id);
      const change = (event, data) =>
        channel.handleEvent({ event: `pusher_internal:${event}`, channel: message.channel, data });
      Object.keys(before)
        .filter((id) => !has(now, id))
        .forEach((id) => change('member_removed', { user_id: id }));
      Object.keys(now)
        .filter((id) => !has(before, id))
        .forEach((id) => change('member_added', { user_id: id, user_info: now[id] }));
    }

    subscribed(message, part) {
      const answer = content(message);
      if (part.frozen && !answer.recovered) {
        this.release(part);
      }
      part.frozen = null;
      part.done = true;
      this.resume.resumed(message.channel, answer, this.nextId);
      this.progress();
    }

    /** What waited of the old connection is delivered. */
    release(part) {
      const waiting = part.frozen || [];
      part.frozen = null;
      waiting.forEach(([message, event]) => this.resume.deliver(message, event, this.deliverOld));
    }

    progress() {
      if ([...this.parts.values()].every((part) => part.done)) {
        this.changeOver();
      }
    }

    changeOver() {
      if (this.ended) {
        return;
      }
      const { resume, pusher, transport, connection, old, next, deliverOld } = this;
      clearTimeout(this.timer);
      this.ended = true;
      transport.socket = next;
      transport.bindListeners();
      next.onopen = undefined;
      connection.id = this.nextId;
      pusher.connection.socket_id = this.nextId;
      // what the old connection still brings counts for channels whose messages have no position, for a moment
      let overlap = [...this.parts.values()].some((part) => part.seen);
      next.onmessage = (event) => {
        const message = read(event.data);
        const part = overlap && message.channel && this.parts.get(message.channel);
        if (part && part.seen && !part.first('new', event.data)) {
          return;
        }
        resume.receive(event, deliverOld);
      };
      old.onclose = undefined;
      old.onmessage = (event) => {
        const message = read(event.data);
        const part = overlap && message.channel && this.parts.get(message.channel);
        if (part && part.seen && !String(message.event).startsWith('pusher_internal:') && part.first('old', event.data)) {
          resume.deliver(message, event, deliverOld);
        }
      };
      setTimeout(() => {
        overlap = false;
        old.onmessage = undefined;
        old.close();
      }, overlap ? OVERLAP_MS : 0);
      resume.moving = null;
      [...this.parts].filter(([, part]) => part.refused).forEach(([name]) => resume.subscribeAnew(name));
      this.channels()
        .filter((channel) => !this.parts.has(channel.name) && channel.subscriptionPending)
        .forEach((channel) => resume.subscribeAnew(channel.name));
      this.flush();
      resume.tell('onMoved', { from: this.oldId, to: this.nextId });
    }

    flush() {
      this.queue.splice(0).forEach(([name, data, channel]) => {
        if (name !== 'pusher:subscribe' || !this.find(data.channel)) {
          this.pusher.send_event(name, data, channel);
        }
      });
    }

    find(name) {
      const channel = this.resume.find(name);
      return channel && (channel.subscribed || channel.subscriptionPending);
    }

    /** The old connection is kept for as long as it lasts; its end brings the ordinary reconnect, and the resume there. */
    fail() {
      if (this.ended) {
        return;
      }
      this.ended = true;
      clearTimeout(this.timer);
      const { old, next, closed, closeOld } = this;
      this.next = null;
      if (next) {
        next.onclose = undefined;
        next.onmessage = undefined;
        next.close();
      }
      this.parts.forEach((part) => this.release(part));
      this.parts.clear();
      this.resume.moving = null;
      this.resume.tell('onMoveFailed', { from: this.oldId });
      if (closed) {
        this.queue.length = 0;
        closeOld(closed);
      } else {
        old.onclose = closeOld;
        this.queue.splice(0).forEach((sent) => this.pusher.send_event(...sent));
      }
    }
  }

  /** What is known of one channel during a move. */
  class Part {
    constructor() {
      this.done = false;
      this.refused = false;
      this.frozen = null;
      this.seen = null;
    }

    /** From now on both connections may bring the same message. */
    compare() {
      this.seen = { old: new Map(), new: new Map() };
    }

    /** Whether a message that came by `side` has not come as often by the other one. */
    first(side, text) {
      if (!this.seen) {
        return true;
      }
      const mine = this.seen[side];
      const other = this.seen[side === 'old' ? 'new' : 'old'];
      const count = (mine.get(text) || 0) + 1;
      mine.set(text, count);
      return count > (other.get(text) || 0);
    }
  }

  /**
   * Makes a pusher-js or Echo instance resume its channels.
   *
   * @returns a handle: `positions()`, `stop()`
   */
  function resume(client, options = {}) {
    const pusher = client && client.connector && client.connector.pusher ? client.connector.pusher : client;
    if (!pusher || !pusher.connection || typeof pusher.send_event !== 'function') {
      throw new TypeError('resume: expected a Pusher of pusher-js 8, or an Echo with the broadcaster "reverb" or "pusher"');
    }
    const { fallback } = options;
    if (fallback !== undefined && !['tail', 'cache', 'none'].includes(fallback)) {
      throw new TypeError(`resume: fallback is "${fallback}", expected "tail", "cache" or "none"`);
    }
    return new Resume(pusher, options);
  }

  return { resume };
});
