import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.mjs';
import { freePort, Reverb } from './reverb.mjs';

/** A Redis of its own, in memory or, with `persistent`, with an append-only file. */
export class Redis {
  static async start({ persistent = false } = {}) {
    const redis = new Redis();
    redis.port = await freePort();
    redis.folder = await mkdtemp(join(tmpdir(), 'reverb-redis-'));
    redis.persistent = persistent;
    await redis.startAnew();
    return redis;
  }

  async startAnew() {
    this.process = spawn('redis-server', ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '',
      '--appendonly', this.persistent ? 'yes' : 'no', '--appendfsync', 'always', '--dir', this.folder], { stdio: 'ignore' });
    process.once('exit', () => this.process.kill('SIGKILL'));
    await once(this.process, 'spawn');
    await eventually('Redis listens', 20_000, () => answers(this.port));
  }

  async end(signal = 'SIGKILL') {
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    await ended;
  }

  async stop() {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

/** A load balancer: each connection goes to the next server that is in; `cut` ends those that there are. */
export class Balancer {
  #server;
  #next = 0;
  #sockets = new Set();
  host = '127.0.0.1';
  secure = false;

  static async start(servers) {
    const balancer = new Balancer();
    balancer.servers = servers;
    balancer.out = new Set();
    balancer.closed = false;
    balancer.#server = createServer((socket) => balancer.#pass(socket)).listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    balancer.port = balancer.#server.address().port;
    return balancer;
  }

  #pass(socket) {
    const targets = this.servers.filter((server) => !this.out.has(server));
    if (this.closed || targets.length === 0) {
      socket.destroy();
      return;
    }
    const target = connect(targets[this.#next++ % targets.length].port, '127.0.0.1');
    this.#sockets.add(socket);
    const end = () => { socket.destroy(); target.destroy(); this.#sockets.delete(socket); };
    socket.pipe(target);
    target.pipe(socket);
    for (const one of [socket, target]) {
      one.once('error', end).once('close', end);
    }
  }

  /** Ends all connections, as a network does that goes away for a moment. */
  cut() {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  async stop() {
    this.#server.close();
    this.cut();
  }
}

/** Several servers over one Redis, behind a load balancer, with one application that keeps a history. */
export class Cluster {
  static async start({ servers = 2, history, app = {}, environment = {}, persistent = false } = {}) {
    const cluster = new Cluster();
    cluster.app = { id: '4711', key: 'client-suite-key', secret: 'client-suite-secret' };
    cluster.folder = await mkdtemp(join(tmpdir(), 'reverb-cluster-'));
    const config = join(cluster.folder, 'reverb.json');
    await writeFile(config, JSON.stringify({
      apps: [{ app_id: cluster.app.id, key: cluster.app.key, secret: cluster.app.secret, user_authentication: true,
        ...(history && { history }), ...app }],
    }));
    cluster.redis = servers > 1 ? await Redis.start({ persistent }) : undefined;
    cluster.servers = await Promise.all(Array.from({ length: servers }, () => Reverb.start({
      app: null,
      environment: {
        REVERB_CONFIG: config,
        ...(cluster.redis && {
          REVERB_SCALING_ENABLED: 'true', REDIS_HOST: '127.0.0.1', REDIS_PORT: String(cluster.redis.port),
        }),
        ...environment,
      },
    })));
    cluster.balancer = await Balancer.start(cluster.servers);
    return cluster;
  }

  /** What an `Application` asks of a server: it talks to the load balancer. */
  get entrance() {
    const { balancer, app } = this;
    return { app, host: balancer.host, port: balancer.port, secure: false };
  }

  async stop() {
    await this.balancer.stop();
    await Promise.all(this.servers.map((server) => server.end('SIGKILL')));
    await this.redis?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
