import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.mjs';
import { Redis } from './redis.mjs';
import { Reverb } from './reverb.mjs';

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
    const { host, port } = targets[this.#next++ % targets.length];
    const target = connect(port, host);
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
  static async start({ servers = 2, history, app = {}, environment = {} } = {}) {
    const cluster = new Cluster();
    cluster.app = { id: '4711', key: 'client-suite-key', secret: 'client-suite-secret' };
    cluster.folder = await mkdtemp(join(tmpdir(), 'reverb-cluster-'));
    const config = join(cluster.folder, 'reverb.json');
    await writeFile(config, JSON.stringify({
      apps: [{ app_id: cluster.app.id, key: cluster.app.key, secret: cluster.app.secret, user_authentication: true,
        ...(history && { history }), ...app }],
    }));
    cluster.redis = servers > 1 ? await Redis.start() : undefined;
    cluster.servers = await Promise.all(Array.from({ length: servers }, () => Reverb.start({
      app: null,
      environment: {
        REVERB_CONFIG: config,
        ...cluster.redis?.environment,
        ...environment,
      },
    })));
    await cluster.complete();
    cluster.balancer = await Balancer.start(cluster.servers);
    return cluster;
  }

  /** Waits until each server has its link and counts all of them, and nobody who is gone. */
  async complete() {
    // a server takes clients a moment before its management port answers
    const counts = async ({ host, managementPort }) => fetch(`http://${host}:${managementPort}/status`)
      .then((response) => response.json(), () => ({ redis: { enabled: true, connected: false } }))
      .then(({ redis }) => redis);
    let all;
    await eventually('all servers know each other', 30_000, async () => {
      all = await Promise.all(this.servers.map(counts));
      return all.every(({ enabled, connected, nodes }) => !enabled || (connected && nodes === this.servers.length));
    }).catch((error) => {
      const seen = this.servers.map((server, i) => `${server.url}: ${JSON.stringify(all?.[i])}\n${server.output}`);
      throw new Error(`${error.message}\n${seen.join('\n')}`);
    });
  }

  /** Whoever takes it for a server talks to the load balancer. */
  get host() { return this.balancer.host; }
  get port() { return this.balancer.port; }
  get secure() { return false; }

  async stop() {
    await this.balancer.stop();
    await Promise.all(this.servers.map((server) => server.end('SIGKILL')));
    await this.redis?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
