// Pages in Chromium before a cluster: the example page of the plugin that resumes, and one with a plain pusher-js beside it,
// while numbers are published. Each line of standard input is a command, `report`, `offline`, `online` or `end`, and answered by
// a line of JSON: what the pages show. Offline is the first page alone.
import { createInterface } from 'node:readline';
import { Application } from '../../clients/harness/application.mjs';
import { launch } from '../../clients/harness/chromium.mjs';
import { Balancer } from '../../clients/harness/cluster.mjs';
import { Sequence } from '../../clients/harness/sequence.mjs';

const { APP_URL, APP_ID: id, APP_KEY: key, APP_SECRET: secret } = process.env;
const { hostname: host, port } = new URL(APP_URL);
const room = 'presence-room';

const application = await Application.start({ host, port, secure: false, app: { id, key, secret } });
const network = await Balancer.start([{ host, port }]);
const browser = await launch();
const context = await browser.newContext();
const page = await context.newPage();
page.on('pageerror', (error) => console.error(`the page failed: ${error.stack}`));
await page.goto(`${application.url}/example/index.html?${new URLSearchParams({ key, host: network.host, port: network.port, user: 1 })}`);
const beside = await browser.newPage();
await beside.goto(application.url);
await beside.evaluate(([k, options]) => window.openPusher(k, options), [key, application.clientOptions(2)]);
const plain = (method, ...given) => beside.evaluate(([name, values]) => window.clients[0][name](...values), [method, given]);
await plain('connected', 60_000);
await plain('subscribe', room);
await plain('keep', room, 'pusher:member_removed');
await plain('keep', room, 'pusher:member_added');
const sequence = new Sequence(application, 'orders', 50);

async function report() {
  const said = await page.evaluate(() => {
    const number = (name) => Number(document.querySelector(`#${name}`).value);
    const lines = (name) => [...document.querySelectorAll(`#${name} li`)].map((item) => item.textContent);
    return {
      ...Object.fromEntries(['moves', 'last', 'missing', 'doubled', 'disordered', 'room'].map((name) => [name, number(name)])),
      ...Object.fromEntries(['states', 'resumed', 'members'].map((name) => [name, lines(name)])),
      problem: document.querySelector('#problem').textContent,
    };
  });
  const changes = [...await plain('kept', room, 'pusher:member_removed'), ...await plain('kept', room, 'pusher:member_added')];
  const { count } = await plain('members', room);
  return { ...said, published: sequence.last, plain: { states: await plain('states'), changes: changes.map((one) => one.id), room: count } };
}

console.log(JSON.stringify(await report()));
for await (const command of createInterface({ input: process.stdin })) {
  if (command === 'end') {
    break;
  } else if (command === 'offline' || command === 'online') {
    network.closed = command === 'offline';
    await context.setOffline(network.closed);
    network.cut();
  }
  console.log(JSON.stringify(await report()));
}
await sequence.end();
await browser.close();
await network.stop();
await application.stop();
process.exit(0);
