package dev.reverb.server.cli;

import dev.reverb.server.config.ServerConfig.LogFormat;
import java.io.OutputStream;
import java.io.UnsupportedEncodingException;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/** Sends the log to one stream, in one form. Standard output is what containers and supervisors collect. */
final class LogSetup {
    /** It logs every attempt of a Cluster that is away; this server logs each change once. Held, or it is collected. */
    private static final Logger CLUSTER_CLIENT = Logger.getLogger("io.lettuce.core.cluster");

    private LogSetup() {}

    static void apply(LogFormat format, OutputStream out) {
        LogManager.getLogManager().reset();
        Formatter formatter = switch (format) {
            case TEXT -> new TextLines();
            case JSON -> new JsonLines();
        };
        Logger root = Logger.getLogger("");
        root.setLevel(Level.INFO);
        CLUSTER_CLIENT.setLevel(Level.SEVERE);
        root.addHandler(new FlushingHandler(out, formatter));
    }

    /** Flushes every line: the last one before a crash is the one that matters. */
    private static final class FlushingHandler extends StreamHandler {
        FlushingHandler(OutputStream out, Formatter formatter) {
            super(out, formatter);
            try {
                setEncoding("UTF-8");
            } catch (UnsupportedEncodingException e) {
                throw new IllegalStateException("every Java platform has UTF-8", e);
            }
            setLevel(Level.ALL);
        }

        @Override
        public synchronized void publish(LogRecord event) {
            super.publish(event);
            flush();
        }
    }
}
