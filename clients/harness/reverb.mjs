import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Long enough for a launcher that has to build first. */
const startWithin = 300_000;
const stopWithin = 20_000;

/** The application that `./reverb start` finds in its environment. */
const defaultApp = { id: '4711', key: 'client-suite-key', secret: 'client-suite-secret' };

/** A server as a user runs it: `./reverb start`, a process of its own, settings from the environment. */
export class Reverb {
  #process;
  #output = '';

  host = '127.0.0.1';

  /**
   * Starts a server on a free port. `environment` goes over the defaults, `arguments_` behind `start`; `secure` says that
   * they set up TLS, and with `app` null nothing is configured.
   */
  static async start({ environment = {}, arguments_ = [], secure = false, app = defaultApp } = {}) {
    const reverb = new Reverb();
    reverb.port = await freePort();
    reverb.managementPort = await freePort();
    reverb.environment = environment;
    reverb.arguments_ = arguments_;
    reverb.secure = secure;
    reverb.app = app;
    await reverb.#start();
    return reverb;
  }

  get url() {
    return `${this.secure ? 'https' : 'http'}://${this.host}:${this.port}`;
  }

  /** Everything that the process has printed so far. */
  get output() {
    return this.#output;
  }

  /** Whether the process has ended. */
  get hasEnded() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async #start() {
    const child = spawn(`${root}reverb`, ['start', ...this.arguments_], { env: this.#environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.#output += text));
    }
    process.once('exit', () => child.kill('SIGKILL')); // nothing outlives a run that broke off
    await once(child, 'spawn');
    await eventually(`${this.url}/up answers`, startWithin, async () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`./reverb start ended (${child.exitCode ?? child.signalCode}) before it served; it printed:\n${this.#output}`);
      }
      return (await fetch(`${this.url}/up`).catch(() => undefined))?.ok;
    });
  }

  #environment() {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('REVERB_') && !name.startsWith('REDIS_'));
    return {
      ...Object.fromEntries(inherited),
      REVERB_SERVER_HOST: this.host,
      REVERB_SERVER_PORT: String(this.port),
      REVERB_MANAGEMENT_PORT: String(this.managementPort),
      ...(this.app && { REVERB_APP_ID: this.app.id, REVERB_APP_KEY: this.app.key, REVERB_APP_SECRET: this.app.secret }),
      ...this.environment,
    };
  }

  /** Sends `signal` and waits for the end of the process: `{code, signal}`. */
  async end(signal) {
    const child = this.#process;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
    }
    return this.ended();
  }

  /** Waits for the end of the process: `{code, signal}`. */
  async ended() {
    const child = this.#process;
    if (child.exitCode === null && child.signalCode === null) {
      await once(child, 'exit', { signal: AbortSignal.timeout(stopWithin) }).catch(() => {
        child.kill('SIGKILL');
        throw new Error(`the server still ran after ${stopWithin} ms; it printed:\n${this.#output}`);
      });
    }
    return { code: child.exitCode, signal: child.signalCode };
  }

  /** Starts the ended server anew on the same port, as a process manager does. */
  async startAnew() {
    await this.ended();
    await this.#start();
  }

  /** Runs another command of the launcher with the same environment: `{code, output}`. */
  run(...arguments_) {
    return this.shell(['./reverb', ...arguments_].join(' '));
  }

  /** Runs a line of shell in the checkout, with the same environment: `{code, output}`. */
  async shell(line) {
    const child = spawn('bash', ['-c', line], { cwd: root, env: this.#environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    const [code] = await once(child, 'close', { signal: AbortSignal.timeout(stopWithin) });
    return { code, output };
  }

  async stop() {
    await this.end('SIGTERM');
  }
}

/** A port that nobody listens on at this moment. */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
