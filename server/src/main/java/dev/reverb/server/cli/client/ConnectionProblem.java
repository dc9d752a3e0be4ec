package dev.reverb.server.cli.client;

import dev.reverb.server.protocol.JsonObjectScanner;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a server does not answer, in the words of whoever asked it. */
public final class ConnectionProblem {
    private ConnectionProblem() {}

    /** One line about {@code failure} of a request to {@code server}, with what to do. */
    public static String say(URI server, IOException failure) {
        if (failure instanceof HttpTimeoutException) {
            return server + " gave no answer in time; is it a Reverb server, and does a firewall let this through?";
        }
        if (caused(failure, UnresolvedAddressException.class) || caused(failure, UnknownHostException.class)) {
            return server + ": no machine has the name " + server.getHost();
        }
        if (failure instanceof ConnectException) {
            return server + ": nothing listens there (connection refused); is the server running, and is the port its "
                    + "own? Say --port or --url";
        }
        if (failure instanceof SSLException) {
            String text = String.valueOf(failure.getMessage());
            if (text.contains("plaintext connection") || text.contains("Unsupported or unrecognized")) {
                return server + " speaks plain HTTP: say --url http://…";
            }
            return server + " has a certificate that is not trusted: " + certificate(server, text)
                    + "; name its authority's certificate by --cafile FILE";
        }
        String text = failure.getMessage();
        if (text == null || text.contains("received no bytes") || text.contains("EOF reached")
                || text.contains("Connection reset")) {
            return server + " ended the connection without an answer"
                    + ("http".equals(server.getScheme()) ? "; if it serves TLS, say --url https://…" : "");
        }
        return server + " does not answer: " + text;
    }

    /** One line about an answer that is no success: what the server said, and what is probably meant. */
    public static String refused(URI base, int status, byte[] body) {
        JsonObjectScanner error = new JsonObjectScanner("error");
        String said = error.scan(body, 0, body.length) && error.has(0) ? error.string(0) : null;
        String text = said == null ? TailCommand.shown(new String(body, StandardCharsets.UTF_8).strip()) : said;
        String hint = "";
        boolean absent = status == 404;
        boolean elsewhere = absent && text.startsWith("There is nothing at ");
        boolean management = absent ? text.contains("/livez") : status == 405 && text.equals("allowed: GET, HEAD");
        if (management) {
            hint = "; that is the management port: say --port, or --url, of where clients connect";
        } else if (absent && text.endsWith("/tail") && String.valueOf(base.getPath()).isEmpty()) {
            hint = "; this server is older than this command";
        } else if (elsewhere || status == 405) {
            hint = "; --url is the server's address, with its path prefix (REVERB_SERVER_PATH) and nothing else";
        } else if (absent && said == null) {
            hint = "; is it a Reverb server, and is its path prefix in --url?";
        }
        return base + " answered " + status + ": " + text + hint;
    }

    private static String certificate(URI server, String text) {
        if (text.contains("PKIX path building failed") || text.contains("unable to find valid certification path")) {
            return "no authority that Java knows has signed it";
        }
        if (text.contains("No name matching") || text.contains("No subject alternative")) {
            return "it is not for " + server.getHost();
        }
        if (text.contains("NotAfter") || text.contains("validity check failed") || text.contains("expired")) {
            return "it has expired";
        }
        return text;
    }

    private static boolean caused(Throwable failure, Class<? extends Throwable> type) {
        for (@Nullable
        Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
