// Connects with pusher-js, subscribes to a private channel, publishes with the Node server SDK, waits for the event.
import PusherServer from "pusher"
import PusherClient from "pusher-js"

const {APP_URL, APP_ID: appId, APP_KEY: key, APP_SECRET: secret} = process.env
const url = new URL(APP_URL)
const server = new PusherServer({appId, key, secret, host: url.hostname, port: url.port, useTLS: false})
const client = new PusherClient(key, {
  wsHost: url.hostname, wsPort: url.port, forceTLS: false, enabledTransports: ["ws"], cluster: "", disableStats: true,
  channelAuthorization: {
    customHandler: ({socketId, channelName}, done) => done(null, server.authorizeChannel(socketId, channelName)),
  },
})
const fail = message => { console.error(message); process.exit(1) }
setTimeout(() => fail(`nothing received within 15 s; connection is ${client.connection.state}`), 15_000)
client.connection.bind("error", problem => fail(JSON.stringify(problem)))
const room = client.subscribe("private-room")
room.bind("pusher:subscription_error", problem => fail(JSON.stringify(problem)))
room.bind("pusher:subscription_succeeded", () => server.trigger("private-room", "said", {n: 1}).catch(fail))
room.bind("said", data => { console.log("received " + JSON.stringify(data)); client.disconnect(); process.exit(0) })
