package dev.reverb.server.config.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads files whose paths come from outside. A pipe would hold its reader for ever, a device has no end, and a file of
 * a gigabyte would take the memory: none of them is opened, or read beyond the bound.
 */
public final class RegularFile {
    private RegularFile() {}

    /**
     * The content of {@code file}.
     *
     * @throws IOException when it is not there, is no regular file, cannot be read, or has more than {@code max} bytes;
     *     the message says which, to follow the file's name
     */
    public static byte[] read(Path file, int max) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException("is not there");
        }
        if (Files.isDirectory(file)) {
            throw new IOException("is a folder");
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException("is a pipe, a socket or a device and no regular file");
        }
        if (Files.size(file) > max) {
            throw new IOException("has " + Files.size(file) + " bytes, more than " + max);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(max + 1);
            if (content.length > max) {
                throw new IOException("has more than " + max + " bytes");
            }
            return content;
        }
    }
}
