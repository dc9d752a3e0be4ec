/**
 * What a client was told, in order, until a test takes it. Runs in Node and in the page, so that one test reads the same
 * for both.
 */
export class Mailbox {
  #letters = [];
  #waiting = [];

  /** Puts in what arrived: `channel` is null for what concerns the connection. */
  put(channel, event, data, extra = {}) {
    const letter = { channel, event, data, ...extra };
    const index = this.#waiting.findIndex((w) => w.channel === channel && w.event === event);
    if (index >= 0) {
      this.#waiting.splice(index, 1)[0].deliver(letter);
    } else {
      this.#letters.push(letter);
    }
  }

  /** Takes the oldest letter of that channel and event, or the next to come; rejects after `milliseconds`. */
  take(channel, event, milliseconds = 20_000) {
    const index = this.#letters.findIndex((l) => l.channel === channel && l.event === event);
    if (index >= 0) {
      return Promise.resolve(this.#letters.splice(index, 1)[0]);
    }
    return new Promise((resolve, reject) => {
      const waiter = { channel, event };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(new Error(`no "${event}" on ${channel ?? 'the connection'} within ${milliseconds} ms; not taken yet: ` +
          (this.#letters.map((l) => `${l.channel ?? '-'} ${l.event} ${JSON.stringify(l.data)}`).join('; ') || 'nothing')));
      }, milliseconds);
      waiter.deliver = (letter) => {
        clearTimeout(timer);
        resolve(letter);
      };
      this.#waiting.push(waiter);
    });
  }

  /** Names of the events of that channel which arrived and were not taken. */
  left(channel) {
    return this.#letters.filter((l) => l.channel === channel).map((l) => l.event);
  }
}
