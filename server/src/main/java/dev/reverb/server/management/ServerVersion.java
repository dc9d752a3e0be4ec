package dev.reverb.server.management;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that the build wrote into the jar. */
public final class ServerVersion {
    private ServerVersion() {}

    /** Such as {@code 1.2.3}. */
    public static String text() {
        try (InputStream in = ServerVersion.class.getResourceAsStream("/dev/reverb/server/cli/version.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
