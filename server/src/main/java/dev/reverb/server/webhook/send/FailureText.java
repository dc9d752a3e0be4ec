package dev.reverb.server.webhook.send;

import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One line about why a connection to a receiver failed. */
final class FailureText {

    private FailureText() {}

    static String of(@Nullable Throwable e) {
        Throwable cause = e;
        while (cause != null && !(cause instanceof NotSslRecordException) && !(cause instanceof IOException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof NotSslRecordException) {
            return "TLS: the answer is no TLS, and the address says https:";
        }
        if (cause == null) {
            return "closed";
        }
        String message = cause.getMessage();
        String text = message == null ? cause.getClass().getSimpleName() : message.lines().findFirst().orElse("");
        if (cause instanceof SSLException) {
            return "TLS: " + (text.contains("PKIX path building failed")
                    ? "no authority that Java trusts has signed its certificate"
                    : text);
        }
        return text;
    }
}
