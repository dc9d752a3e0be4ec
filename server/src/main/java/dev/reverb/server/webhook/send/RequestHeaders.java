package dev.reverb.server.webhook.send;

import dev.reverb.model.App;
import dev.reverb.model.PercentEncoding;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.server.protocol.Signer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** What every request of a webhook has beside its body: who sends it, the signature, and what the endpoint adds. */
final class RequestHeaders {

    private RequestHeaders() {}

    /** Signed by the current secret of {@code signer}, over the very bytes of {@code body}. */
    static Map<String, String> of(WebhookEndpoint endpoint, App signer, byte[] body) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("User-Agent", "Reverb");
        endpoint.authority().user().ifPresent(user -> {
            headers.put("Authorization", "Basic " + Base64.getEncoder()
                    .encodeToString(PercentEncoding.decoded(user).getBytes(StandardCharsets.UTF_8)));
        });
        headers.putAll(endpoint.headers());
        headers.put("Content-Type", "application/json");
        headers.put("X-Pusher-Key", signer.key());
        headers.put("X-Pusher-Signature", new Signer(signer.secret()).sign(body));
        return headers;
    }
}
