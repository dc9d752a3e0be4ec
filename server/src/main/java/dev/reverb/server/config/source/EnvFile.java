package dev.reverb.server.config.source;

import dev.reverb.model.setting.SettingsException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a file of variables as Laravel's {@code .env} and systemd's {@code EnvironmentFile=} write them: one
 * {@code NAME=value} a line, {@code export} before it, quotes around the value, comments, and in double quotes or
 * without quotes {@code ${NAME}} for a variable that stands above. Stateless; any thread.
 */
public final class EnvFile {
    private static final Pattern LINE = Pattern
            .compile("\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*(.*?)\\s*");
    /** The name of a line that is meant for this server. */
    private static final Pattern OURS = Pattern.compile("\\s*(?:export\\s+)?((?:REVERB|REDIS)_[A-Z0-9_]*).*");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

    private EnvFile() {}

    /**
     * The variables of {@code file}, in its order. Lines that assign nothing are left out, as a framework's file may
     * hold much that is none of ours; one that begins with a name of ours is an error.
     *
     * @throws SettingsException when it cannot be read, or when a variable of ours is not assigned there
     */
    public static Map<String, String> read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new SettingsException(file + ": not valid UTF-8");
        } catch (IOException e) {
            throw new SettingsException("\"" + file + "\" " + Unreadable.why(file) + "; allowed is a readable file of "
                    + "NAME=value lines");
        }
    }

    /** @param name what errors call the file */
    static Map<String, String> parse(String name, String text) {
        Map<String, String> variables = new LinkedHashMap<>();
        int number = 0;
        // some editors begin a file with a mark that is no part of it
        for (String line : text.replaceFirst("^\ufeff", "").lines().toList()) {
            number++;
            Matcher ours = OURS.matcher(line);
            Matcher assignment = LINE.matcher(line);
            if (assignment.matches()) {
                if (ours.matches() && unclosed(assignment.group(2))) {
                    throw new SettingsException(name + ":" + number + ": the quote at the value of " + ours.group(1)
                            + " is not closed in that line");
                }
                variables.put(assignment.group(1), value(assignment.group(2), variables));
            } else if (ours.matches()) {
                throw new SettingsException(name + ":" + number + ": " + ours.group(1)
                        + " is not followed by a value; allowed is NAME=value");
            }
        }
        return variables;
    }

    private static boolean unclosed(String written) {
        if (written.startsWith("'")) {
            return written.indexOf('\'', 1) < 0;
        }
        return written.startsWith("\"") && !written.substring(1).replaceAll("\\\\.", "").contains("\"");
    }

    /** {@code text} without one pair of quotes around it, as {@code docker --env-file} leaves them. */
    public static String unquoted(String text) {
        int last = text.length() - 1;
        return last > 0 && (text.charAt(0) == '"' || text.charAt(0) == '\'') && text.charAt(last) == text.charAt(0)
                ? text.substring(1, last)
                : text;
    }

    private static String value(String written, Map<String, String> above) {
        if (written.startsWith("'")) {
            int end = written.indexOf('\'', 1);
            return end < 0 ? written : written.substring(1, end);
        }
        if (written.startsWith("\"")) {
            StringBuilder value = new StringBuilder();
            for (int i = 1; i < written.length() && written.charAt(i) != '"'; i++) {
                if (written.charAt(i) == '\\' && i + 1 < written.length()) {
                    i++;
                }
                value.append(written.charAt(i));
            }
            return resolved(value.toString(), above);
        }
        int comment = written.startsWith("#") ? 0 : written.indexOf(" #");
        return resolved((comment < 0 ? written : written.substring(0, comment)).strip(), above);
    }

    private static String resolved(String value, Map<String, String> above) {
        return REFERENCE.matcher(value)
                .replaceAll(reference -> Matcher
                        .quoteReplacement(above.getOrDefault(reference.group(1), reference.group())));
    }
}
