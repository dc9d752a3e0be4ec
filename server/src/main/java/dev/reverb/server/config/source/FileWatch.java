package dev.reverb.server.config.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when the content of some files changed, whatever way it changed: written in place, renamed over, deleted and
 * made anew, or a symbolic link above it turned to another folder, as the kubelet does with {@code ..data}. That is why
 * it polls paths and compares content: notifications are bound to an inode, and miss most of these.
 *
 * <p>A change counts once two looks in a row, {@value #SETTLE_MILLIS} ms apart, find the same, so that a file is not
 * taken in the middle of being written. One daemon thread per watch; the listener runs on it.
 */
public final class FileWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final long POLL_MILLIS = 200;
    private static final long SETTLE_MILLIS = 60;
    /** A file this young may change again without its time stamp showing it. */
    private static final Duration YOUNG = Duration.ofSeconds(2);

    private final List<Path> files;
    private final Runnable changed;
    private final Thread thread;
    private List<Stamp> stamps;
    private String fingerprint;
    private volatile boolean closed;

    /** By what a file is known, cheaply, not to have changed; {@code settled} when it was old enough to be sure. */
    private record Stamp(@Nullable Object inode, @Nullable FileTime modified, long size, boolean settled) {}

    private FileWatch(String name, List<Path> files, Runnable changed) {
        this.files = List.copyOf(files);
        this.changed = changed;
        this.stamps = stamps();
        this.fingerprint = fingerprint();
        this.thread = Thread.ofPlatform().name("reverb-watch-" + name).daemon().unstarted(this::run);
    }

    /**
     * A watch for which what the files hold now counts as known. Made before the files are read and started after, no
     * change falls in between.
     *
     * @param name of the thread
     * @param files that belong together; they need not exist
     * @param changed called after a change of any of them, not before the last call returned
     */
    public static FileWatch of(String name, List<Path> files, Runnable changed) {
        return new FileWatch(name, files, changed);
    }

    /** Starts to look; once. */
    public void start() {
        thread.start();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        while (!closed) {
            try {
                Thread.sleep(POLL_MILLIS);
                poll();
            } catch (InterruptedException e) {
                return;
            } catch (Throwable e) {
                // a watcher that dies would leave the server on old settings without a word
                report(e);
            }
        }
    }

    private void report(Throwable failure) {
        try {
            LOG.error("Looking at {} failed; the next look is in {} ms", files, POLL_MILLIS, failure);
        } catch (Throwable noMemory) {
            // not even for a line of the log; the next look is as good as this one
        }
    }

    private void poll() throws InterruptedException {
        List<Stamp> now = stamps();
        if (now.equals(stamps) && now.stream().allMatch(Stamp::settled)) {
            return;
        }
        String first = fingerprint();
        if (!first.equals(fingerprint)) {
            Thread.sleep(SETTLE_MILLIS);
            if (!first.equals(fingerprint())) {
                return;
            }
            fingerprint = first;
            changed.run();
        }
        stamps = now;
    }

    private List<Stamp> stamps() {
        return files.stream().map(FileWatch::stamp).toList();
    }

    private static Stamp stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            FileTime modified = attributes.lastModifiedTime();
            boolean settled = System.currentTimeMillis() - modified.toMillis() > YOUNG.toMillis();
            return new Stamp(attributes.fileKey(), modified, attributes.size(), settled);
        } catch (IOException e) {
            return new Stamp(null, null, -1, true);
        }
    }

    private String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                try {
                    byte[] content = RegularFile.read(file, ConfigDocument.MAX_BYTES);
                    digest.update((content.length + ":").getBytes(StandardCharsets.US_ASCII));
                    digest.update(content);
                } catch (IOException e) {
                    // what cannot be read differs from what can, and from what cannot for another reason
                    digest.update(("-" + e.getMessage()).getBytes(StandardCharsets.UTF_8));
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException(Objects.requireNonNull(e.getMessage()), e));
        }
    }
}
