package dev.reverb.server.cli.log;

import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** One JSON object per line: {@code time}, {@code level}, {@code logger}, {@code message}, and {@code error}. */
public final class JsonLines extends Formatter {

    @Override
    public String format(LogRecord event) {
        StringBuilder line = new StringBuilder(200);
        line.append("{\"time\":\"")
                .append(event.getInstant())
                .append("\",\"level\":\"")
                .append(TextLines.level(event.getLevel()).strip())
                .append("\",\"logger\":");
        string(line, event.getLoggerName());
        line.append(",\"message\":");
        string(line, formatMessage(event));
        if (event.getThrown() != null) {
            line.append(",\"error\":");
            string(line, TextLines.trace(event.getThrown()));
        }
        return line.append("}\n").toString();
    }

    private static void string(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (TextLines.harmful(c) || (Character.isSurrogate(c) && !paired(text, i))) {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        line.append('"');
    }

    private static boolean paired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
