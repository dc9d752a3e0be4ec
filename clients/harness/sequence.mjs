import { setTimeout as pause } from 'node:timers/promises';

/** Publishes 1, 2, 3, … to a channel until it is ended, each again until it is acknowledged. */
export class Sequence {
  static #all = new Set();
  #running = true;
  last = 0;
  /** The numbers that were sent more than once, as an attempt failed. */
  repeated = new Set();

  constructor(application, channel, everyMs = 10) {
    Sequence.#all.add(this);
    this.done = this.#run(application, channel, everyMs);
  }

  async #run(application, channel, everyMs) {
    while (this.#running) {
      const number = this.last + 1;
      // a repetition of what was taken is answered again; encrypted anew, it is another body, which is refused with 422
      const sent = await application.pusher
        .trigger(channel, 'number', number, { idempotency_key: `${channel}-${number}` })
        .then(() => true, ({ status }) => status === 422);
      if (sent) {
        this.last = number;
      } else {
        this.repeated.add(number);
      }
      await pause(everyMs);
    }
  }

  async end() {
    this.#running = false;
    Sequence.#all.delete(this);
    await this.done;
    return this.last;
  }

  /** Ends those of a test that failed before it did: one that goes on keeps its process from ending. */
  static async endAll() {
    await Promise.all([...Sequence.#all].map((sequence) => sequence.end()));
  }
}
