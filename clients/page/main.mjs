import Echo from '/echo.js';
import { EchoClient } from './echo-client.mjs';
import { PusherClient } from './pusher-client.mjs';

/** The clients of this page, by number; a test calls their methods from outside. */
window.clients = [];
window.openPusher = (key, options) => window.clients.push(new PusherClient(window.Pusher, key, options)) - 1;
window.openEcho = (options) => window.clients.push(new EchoClient(Echo, window.Pusher, options)) - 1;
