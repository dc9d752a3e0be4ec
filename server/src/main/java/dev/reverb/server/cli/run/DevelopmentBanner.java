package dev.reverb.server.cli.run;

import dev.reverb.model.App;
import dev.reverb.server.cli.command.Addresses;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.live.Settings;
import java.io.PrintWriter;
import java.net.InetSocketAddress;

/** What somebody needs who started a server with nothing configured: credentials, a page, and a publish that works. */
final class DevelopmentBanner {
    private DevelopmentBanner() {}

    /** @param api where the HTTP API is, which may be another port */
    static void print(PrintWriter out, InetSocketAddress address, InetSocketAddress api, Settings settings) {
        ServerConfig config = settings.server();
        App app = settings.apps().all().iterator().next();
        boolean tls = config.tls().isPresent();
        String host = tls && config.publicAddress().host().isPresent() ? config.publicAddress().host().get()
                : Addresses.reachable(config.host());
        String apiHost = tls && config.publicAddress().host().isPresent() ? host
                : Addresses.reachable(config.apiHost());
        String root = Addresses.url(tls ? "https" : "http", apiHost, api.getPort());
        boolean apart = config.api().isPresent();
        out.println("""

            No application is configured, so here is one. FOR DEVELOPMENT ONLY: it is gone at the next start.

            A Laravel application's .env:
              BROADCAST_CONNECTION=reverb
              REVERB_APP_ID=%1$s
              REVERB_APP_KEY=%2$s
              REVERB_APP_SECRET=%3$s
              REVERB_HOST=%12$s
              REVERB_PORT=%13$d
              REVERB_SCHEME=%6$s
              VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"
              VITE_REVERB_HOST=%14$s
              VITE_REVERB_PORT=%15$s
              VITE_REVERB_SCHEME="${REVERB_SCHEME}"

            It needs, once:
              composer require pusher/pusher-php-server
              npm install --save-dev laravel-echo pusher-js

            A page that shows what arrives in its console:
              <script src="https://js.pusher.com/8.4.0/pusher.min.js"></script>
              <script>
                const pusher = new Pusher('%2$s', {
                  cluster: 'none', wsHost: '%4$s', wsPort: %5$d, wssPort: %5$d, wsPath: '%9$s',
                  forceTLS: %8$s, enabledTransports: ['ws', 'wss']
                });
                pusher.subscribe('chat').bind('hello', data => console.log(data));
              </script>

            Publish to it:
              ./reverb publish %10$s --app-id %1$s --key %2$s --secret %3$s \\
                --channel chat --event hello --data '{"text":"Hello"}'

            The same with nothing but curl and openssl:
              body='{"name":"hello","channel":"chat","data":"{\\"text\\":\\"Hello\\"}"}'
              query="auth_key=%2$s&auth_timestamp=$(date +%%s)&auth_version=1.0"
              query="$query&body_md5=$(printf %%s "$body" | openssl md5 -r | cut -d' ' -f1)"
              signature=$(printf 'POST\\n/apps/%1$s/events\\n%%s' "$query" |
                openssl sha256 -hmac %3$s -r | cut -d' ' -f1)
              curl %11$s-d "$body" "%7$s%9$s/apps/%1$s/events?$query&auth_signature=$signature"
            """.formatted(app.id(), app.key(), app.secret(), host, address.getPort(), tls ? "https" : "http", root, tls,
                config.path(),
                tls || !config.path().isEmpty() ? "--url " + root + config.path() + cafile(config, " --cafile ")
                        : (apart ? "--host " + apiHost + " " : "") + "--port " + api.getPort(),
                cafile(config, "--cacert ") + (tls ? " " : ""), apiHost, api.getPort(),
                apart ? host : "\"${REVERB_HOST}\"", apart ? address.getPort() : "\"${REVERB_PORT}\""));
        out.flush();
    }

    /** The certificate that is served, which a machine that it was made for alone does not trust; empty without TLS. */
    private static String cafile(ServerConfig config, String flag) {
        return config.tls().map(files -> flag + files.localCert()).orElse("");
    }
}
