package dev.reverb.server.cli.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** {@code 2026-01-31T12:00:00.000Z INFO  server.Drain: …}: one line per event, and the trace of what was thrown. */
public final class TextLines extends Formatter {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'")
            .withZone(ZoneOffset.UTC);

    @Override
    public String format(LogRecord event) {
        StringBuilder line = new StringBuilder(160);
        TIME.formatTo(event.getInstant(), line);
        line.append(' ')
                .append(level(event.getLevel()))
                .append(' ')
                .append(shortName(event.getLoggerName()))
                .append(": ");
        appendOneLine(line, formatMessage(event));
        line.append('\n');
        if (event.getThrown() != null) {
            trace(event.getThrown()).chars()
                    .map(c -> c != '\n' && c != '\t' && harmful((char) c) ? '?' : c)
                    .forEach(c -> line.append((char) c));
        }
        return line.toString();
    }

    /** The word for {@code level}, five characters wide. */
    static String level(Level level) {
        int value = level.intValue();
        return value >= Level.SEVERE.intValue() ? "ERROR"
                : value >= Level.WARNING.intValue() ? "WARN " : value >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }

    static String trace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** Our own classes without what they share; others in full. */
    private static String shortName(String logger) {
        return logger.startsWith("dev.reverb.") ? logger.substring("dev.reverb.".length()) : logger;
    }

    /**
     * Whether a terminal or an editor may take {@code c} as a command: the controls C0 and C1 (U+009B begins an escape
     * sequence as ESC [ does), line and paragraph separators, and what changes the direction of text.
     */
    public static boolean harmful(char c) {
        return Character.isISOControl(c) || (c >= '\u2028' && c <= '\u202e') || (c >= '\u2066' && c <= '\u2069');
    }

    /** What clients send ends up in messages: a line break in it must not look like another line of the log. */
    private static void appendOneLine(StringBuilder line, String message) {
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                default -> line.append(c != '\t' && harmful(c) ? '?' : c);
            }
        }
    }
}
