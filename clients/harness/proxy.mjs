import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.mjs';
import { freePort } from './reverb.mjs';

const configuration = (name) => readFileSync(fileURLToPath(new URL(`../../dist/proxies/${name}`, import.meta.url)), 'utf8');

/** How each proxy is run with the configuration of `dist/proxies`: what goes around it, and the command. */
const proxies = {
  nginx: {
    file: 'nginx.conf',
    port: /listen 80;/,
    listen: (port) => `listen 127.0.0.1:${port};`,
    tls: [/listen 443 ssl;/, (port) => `listen 127.0.0.1:${port} ssl;`],
    whole: (text, folder) => `pid ${folder}/pid;\nevents { worker_connections 1024; }\nhttp {\naccess_log off;\n${
      ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};\n`).join('')}${text}}\n`,
    command: (path, folder) => ['nginx', '-c', path, '-p', folder, '-e', 'stderr', '-g', 'daemon off;'],
  },
  haproxy: {
    file: 'haproxy.cfg',
    port: /bind :80\n/,
    listen: (port) => `bind 127.0.0.1:${port}\n`,
    tls: [/bind :443 /, (port) => `bind 127.0.0.1:${port} `],
    whole: (text) => text,
    command: (path) => ['haproxy', '-db', '-f', path],
  },
  caddy: {
    file: 'Caddyfile',
    port: /^:80 /m,
    listen: (port) => `http://127.0.0.1:${port} `,
    tls: [/^ws\.example\.com:443 /m, (port) => `https://127.0.0.1:${port} `],
    whole: (text) => `{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n${text}`,
    command: (path) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', path],
  },
  apache: {
    file: 'apache.conf',
    port: /<VirtualHost \*:80>/,
    listen: (port) => `<VirtualHost 127.0.0.1:${port}>`,
    tls: [/<VirtualHost \*:443>/, (port) => `<VirtualHost 127.0.0.1:${port}>`],
    whole: (text, folder) => `${['mpm_event', 'authz_core', 'headers', 'proxy', 'proxy_http', 'proxy_wstunnel', 'rewrite', 'ssl'].map(
      (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('')}PidFile ${folder}/pid
DefaultRuntimeDir ${folder}\nErrorLog ${folder}/error.log\nServerName localhost\nListen ${/<VirtualHost (\S+)>/.exec(text)[1]}\n${text}`,
    command: (path) => ['apache2', '-D', 'FOREGROUND', '-f', path],
  },
};

/** Where `dist/proxies` has a certificate and its key. */
const certificatePaths = [['/etc/letsencrypt/live/ws.example.com/fullchain.pem', 'certificate.pem'],
  ['/etc/letsencrypt/live/ws.example.com/privkey.pem', 'key.pem'], ['/etc/haproxy/ws.example.com.pem', 'both.pem'],
  ['/etc/caddy/fullchain.pem', 'certificate.pem'], ['/etc/caddy/privkey.pem', 'key.pem']];

/** The text with the commented lines behind "With TLS" in force, and the line before them gone. */
function withTls(text, folder) {
  const marked = /^.*\n\s*# With TLS, in place of the line above.*\n((?:[ \t]*# (?!For ).*\n)+)/m;
  if (!marked.test(text)) {
    throw new Error('there are no lines for TLS');
  }
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(folder, 'key.pem'), '-out',
    join(folder, 'certificate.pem')], { stdio: 'pipe' });
  writeFileSync(join(folder, 'both.pem'), readFileSync(join(folder, 'certificate.pem'), 'utf8') + readFileSync(join(folder, 'key.pem'), 'utf8'));
  return certificatePaths.reduce((whole, [path, name]) => whole.replace(path, join(folder, name)),
    text.replace(marked, (_, lines) => lines.replace(/# /g, '')));
}

/** The text with the commented lines behind "For browsers alone" in force; a block's head takes the place of the next one. */
function uncommented(text) {
  const marked = /^\s*# For browsers alone.*\n((?:\s*# .*\n)+)/m;
  if (!marked.test(text)) {
    throw new Error('there are no lines for browsers alone');
  }
  return text.replace(marked, (_, lines) => lines.replace(/# /g, '')).replace(/(location ~.*\n)\s*location \/ \{\n/, '$1');
}

/** A proxy in front of a server, run with the configuration that `dist/proxies` recommends. Stands in for the server. */
export class Proxy {
  static names = Object.keys(proxies);
  #process;
  #folder;
  output = '';

  /** The nginx of `examples/compose`, whose two servers are both `reverb`. */
  static compose(reverb) {
    const text = readFileSync(fileURLToPath(new URL('../../examples/compose/nginx.conf', import.meta.url)), 'utf8');
    return Proxy.start('nginx', reverb, { text: text.replace(/reverb-[12]:8080/g, '127.0.0.1:8080') });
  }

  /** `browsersOnly`, `tls`: with the lines uncommented that the file has for that; TLS with a certificate of its own. */
  static async start(name, reverb, { browsersOnly = false, tls = false, text: given = configuration(proxies[name].file) } = {}) {
    const { file, whole, command } = proxies[name];
    const [port, listen] = tls ? proxies[name].tls : [proxies[name].port, proxies[name].listen];
    const proxy = new Proxy();
    proxy.host = '127.0.0.1';
    proxy.port = await freePort();
    proxy.secure = tls;
    proxy.app = reverb.app;
    proxy.#folder = mkdtempSync(join(tmpdir(), 'reverb-proxy-'));
    const plain = browsersOnly ? uncommented(given) : given;
    const text = tls ? withTls(plain, proxy.#folder) : plain;
    if (!port.test(text) || !text.includes('127.0.0.1:8080')) {
      throw new Error(`dist/proxies/${file} has no port 80, or no server at 127.0.0.1:8080, to replace`);
    }
    const path = join(proxy.#folder, file);
    writeFileSync(path, whole(text.replace(port, listen(proxy.port)).replaceAll('127.0.0.1:8080', `127.0.0.1:${reverb.port}`), proxy.#folder));
    const [program, ...arguments_] = command(path, proxy.#folder);
    const child = spawn(program, arguments_, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, HOME: proxy.#folder, XDG_DATA_HOME: proxy.#folder, XDG_CONFIG_HOME: proxy.#folder } });
    proxy.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (proxy.output += text));
    }
    process.once('exit', () => child.kill('SIGKILL'));
    await once(child, 'spawn');
    await eventually(`${name} leads to the server`, 20_000, async () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`${name} ended (${child.exitCode ?? child.signalCode}); it printed:\n${proxy.output}`);
      }
      return (await fetch(`http${tls ? 's' : ''}://127.0.0.1:${proxy.port}/up`).catch(() => undefined))?.ok;
    });
    return proxy;
  }

  async stop() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    rmSync(this.#folder, { recursive: true });
  }
}
