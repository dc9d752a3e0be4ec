package dev.reverb.server.cli.log;

import dev.reverb.server.config.ServerConfig.LogFormat;
import java.io.OutputStream;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** Sends the log to one stream, in one form. Standard output is what containers and supervisors collect. */
public final class LogSetup {
    /** It logs every attempt of a Cluster that is away; this server logs each change once. Held, or it is collected. */
    private static final Logger CLUSTER_CLIENT = Logger.getLogger("io.lettuce.core.cluster");

    private LogSetup() {}

    /** The log manager closes the writer when the process ends, so that the last lines are written too. */
    public static void apply(LogFormat format, OutputStream out) {
        LogManager.getLogManager().reset();
        Formatter formatter = switch (format) {
            case TEXT -> new TextLines();
            case JSON -> new JsonLines();
        };
        Logger root = Logger.getLogger("");
        root.setLevel(Level.INFO);
        CLUSTER_CLIENT.setLevel(Level.SEVERE);
        root.addHandler(new LogWriter(out, formatter));
    }

    /** Waits, a moment at most, until the lines so far are written: what is printed next stands below them. */
    public static void flush() {
        for (Handler handler : Logger.getLogger("").getHandlers()) {
            handler.flush();
        }
    }
}
