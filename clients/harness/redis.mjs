import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from './eventually.mjs';
import { freePort } from './reverb.mjs';

/** A Redis of its own, in memory. */
export class Redis {
  #process;

  static async start() {
    const redis = new Redis();
    redis.port = await freePort();
    await redis.startAnew();
    return redis;
  }

  /** Starts the ended one anew on the same port, empty. */
  async startAnew() {
    const child = spawn('redis-server', ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
    this.#process = child;
    process.once('exit', () => child.kill('SIGKILL'));
    await once(child, 'spawn');
    await eventually(`Redis listens on ${this.port}`, 10_000, () => new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false)).on('connect', () => socket.end());
    }));
  }

  /** What makes a server share it. */
  get environment() {
    return { REVERB_SCALING_ENABLED: 'true', REDIS_HOST: '127.0.0.1', REDIS_PORT: String(this.port) };
  }

  async stop(signal = 'SIGTERM') {
    const ended = once(this.#process, 'exit');
    this.#process.kill(signal);
    await ended;
  }
}
