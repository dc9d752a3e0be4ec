package dev.reverb.bench.crowd;

import dev.reverb.testkit.Credentials;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Publications as whole HTTP requests, signed in advance, each with its own body, so that the server has to check every
 * one and the load has only to send bytes. Request {@code id} goes to channel {@code id % channels}. Valid for as long
 * as the server accepts their timestamp (600 s). Not safe for use by several threads.
 */
public final class SignedRequests {
    private final int channels;
    private final int[] ends;
    private final ByteBuffer bytes;

    private SignedRequests(int channels, int[] ends, ByteBuffer bytes) {
        this.channels = channels;
        this.ends = ends;
        this.bytes = bytes;
    }

    /**
     * Signs at least {@code least} requests, and the same number for every channel.
     *
     * @param epochSeconds the timestamp to sign with
     */
    public static SignedRequests sign(Credentials app, int channels, int least, long epochSeconds) {
        int count = Math.ceilDiv(least, channels) * channels;
        byte[][] requests = new byte[count][];
        int[] ends = new int[count];
        int size = 0;
        for (int id = 0; id < count; id++) {
            requests[id] = request(app, Wire.body(Wire.channel(id % channels), id), epochSeconds);
            size += requests[id].length;
            ends[id] = size;
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(size);
        for (byte[] request : requests) {
            bytes.put(request);
        }
        return new SignedRequests(channels, ends, bytes);
    }

    /** How many there are. */
    public int count() {
        return ends.length;
    }

    /** The number of the channel that a request publishes to. */
    public int channel(int id) {
        return id % channels;
    }

    /**
     * Writes one request whole.
     *
     * @throws IOException if the connection is gone, or takes less than the whole request: with one request in flight
     *     its buffer is empty, so that means the server does not read
     */
    void write(int id, SocketChannel to) throws IOException {
        bytes.limit(ends[id]).position(id == 0 ? 0 : ends[id - 1]);
        to.write(bytes);
        if (bytes.hasRemaining()) {
            throw new IOException("the server reads no more requests");
        }
    }

    /** A signed request as bytes. */
    static byte[] request(Credentials app, String body, long epochSeconds) {
        String path = "/apps/" + app.appId() + "/events";
        String query = "auth_key=" + app.key() + "&auth_timestamp=" + epochSeconds + "&auth_version=1.0&body_md5="
                + Credentials.md5(body.getBytes(StandardCharsets.US_ASCII));
        String signature = app.sign("POST\n" + path + "\n" + query);
        return ("POST " + path + "?" + query + "&auth_signature=" + signature + " HTTP/1.1\r\n" + "Host: 127.0.0.1\r\n"
                + "Content-Type: application/json\r\n" + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
