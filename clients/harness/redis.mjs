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
    redis.#process = spawn('redis-server', ['--port', String(redis.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
    process.once('exit', () => redis.#process.kill('SIGKILL'));
    await once(redis.#process, 'spawn');
    await eventually(`Redis listens on ${redis.port}`, 10_000, () => new Promise((resolve) => {
      const socket = connect(redis.port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false)).on('connect', () => socket.end());
    }));
    return redis;
  }

  /** What makes a server share it. */
  get environment() {
    return { REVERB_SCALING_ENABLED: 'true', REDIS_HOST: '127.0.0.1', REDIS_PORT: String(this.port) };
  }

  async stop() {
    this.#process.kill('SIGTERM');
    await once(this.#process, 'exit');
  }
}
