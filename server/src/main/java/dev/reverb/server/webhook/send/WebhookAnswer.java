package dev.reverb.server.webhook.send;

import java.time.Duration;
import java.util.Optional;

/**
 * What came of one request.
 *
 * @param status of the answer, 0 without one
 * @param reason why there is none, empty otherwise
 * @param retryAfter what the receiver asks for
 */
public record WebhookAnswer(int status, String reason, Optional<Duration> retryAfter) {

    static WebhookAnswer failed(String reason) {
        return new WebhookAnswer(0, reason, Optional.empty());
    }

    /** Whether the receiver has it. */
    public boolean delivered() {
        return status >= 200 && status < 300;
    }

    @Override
    public String toString() {
        return status == 0 ? reason : String.valueOf(status);
    }
}
