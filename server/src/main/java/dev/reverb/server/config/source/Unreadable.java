package dev.reverb.server.config.source;

import java.nio.file.Files;
import java.nio.file.Path;

/** Why a file cannot be read, for the person who named it. */
public final class Unreadable {
    private Unreadable() {}

    /** Such as "is not there", to follow the name of {@code file}. */
    public static String why(Path file) {
        if (Files.isDirectory(file)) {
            return "is a folder";
        }
        if (Files.notExists(file)) {
            return file.startsWith("~") ? "is not there: ~ means a home folder to a shell alone, so write it out"
                    : "is not there";
        }
        if (!Files.isReadable(file)) {
            return "may not be read by the user " + System.getProperty("user.name") + " (permission denied)";
        }
        return "cannot be read";
    }
}
