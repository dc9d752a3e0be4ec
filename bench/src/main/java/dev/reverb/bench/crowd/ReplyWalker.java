package dev.reverb.bench.crowd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Counts whole HTTP/1.1 replies in a byte stream, over any cut into reads, with a length or chunked. Makes no object
 * per reply. Every reply has to be a 200. One per connection; not safe for use by several threads.
 */
public final class ReplyWalker {
    private enum Part {
        STATUS, HEADERS, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER
    }

    private static final byte[] CONTENT_LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "transfer-encoding: chunked".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSES = "connection: close".getBytes(StandardCharsets.US_ASCII);

    private final byte[] line = new byte[1024];
    private int lineSize;
    private Part part = Part.STATUS;
    private int status;
    private long missing;
    private boolean chunked;
    private boolean closing;

    /** Whether a reply asked for the connection's end; the sender has to open another. */
    public boolean closing() {
        return closing;
    }

    /**
     * Walks the bytes from {@code from} to {@code to} and returns how many replies ended in them.
     *
     * @throws IllegalStateException if a reply is not 200; the message holds its status and what is there of its body
     */
    public int walk(ByteBuffer buffer, int from, int to) {
        int at = from;
        int counted = 0;
        while (at < to) {
            if (part == Part.BODY || part == Part.CHUNK) {
                if (status != 200) {
                    throw new IllegalStateException(
                            "HTTP " + status + ": " + StandardCharsets.UTF_8.decode(buffer.slice(at, to - at)));
                }
                int taken = (int) Math.min(missing, to - at);
                missing -= taken;
                at += taken;
                if (missing == 0) {
                    counted += part == Part.BODY ? 1 : 0;
                    part = part == Part.BODY ? Part.STATUS : Part.CHUNK_END;
                }
                continue;
            }
            byte value = buffer.get(at++);
            if (value == '\n') {
                counted += lineEnded();
                lineSize = 0;
            } else if (value != '\r' && lineSize < line.length) {
                line[lineSize++] = value;
            }
        }
        return counted;
    }

    private int lineEnded() {
        switch (part) {
            case STATUS -> {
                if (lineSize < 12 || line[0] != 'H' || line[1] != 'T' || line[8] != ' ') {
                    throw new IllegalStateException("not an HTTP reply: " + text());
                }
                status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0';
                missing = 0;
                chunked = false;
                part = Part.HEADERS;
            }
            case HEADERS -> {
                if (lineSize > 0) {
                    header();
                } else if (chunked) {
                    part = Part.CHUNK_SIZE;
                } else if (missing > 0) {
                    part = Part.BODY;
                } else {
                    return replyEnded();
                }
            }
            case CHUNK_SIZE -> {
                missing = Long.parseLong(text().strip(), 16);
                part = missing == 0 ? Part.TRAILER : Part.CHUNK;
            }
            case CHUNK_END -> part = Part.CHUNK_SIZE;
            case TRAILER -> {
                if (lineSize == 0) {
                    return replyEnded();
                }
            }
            case BODY, CHUNK -> throw new IllegalStateException("a body has no lines");
        }
        return 0;
    }

    private int replyEnded() {
        if (status != 200) {
            throw new IllegalStateException("HTTP " + status);
        }
        part = Part.STATUS;
        return 1;
    }

    private void header() {
        if (startsWith(CONTENT_LENGTH)) {
            missing = 0;
            for (int i = CONTENT_LENGTH.length; i < lineSize; i++) {
                if (line[i] != ' ') {
                    missing = missing * 10 + line[i] - '0';
                }
            }
        } else if (startsWith(CHUNKED)) {
            chunked = true;
        } else if (startsWith(CLOSES)) {
            closing = true;
        }
    }

    private boolean startsWith(byte[] lowerCase) {
        if (lineSize < lowerCase.length) {
            return false;
        }
        for (int i = 0; i < lowerCase.length; i++) {
            byte value = line[i];
            if ((value >= 'A' && value <= 'Z' ? value + 32 : value) != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }

    private String text() {
        return new String(line, 0, lineSize, StandardCharsets.UTF_8);
    }
}
