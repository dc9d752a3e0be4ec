package dev.reverb.server.transport.http.head;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.TooLongHttpHeaderException;

/**
 * The headers of a request, {@value #MOST_LINES} lines at most: a line of four bytes takes thirty times as much heap,
 * so that a bound of their bytes alone would let one head hold half a megabyte.
 */
public final class BoundedHeaders extends DefaultHttpHeaders {

    static final int MOST_LINES = 100;

    /** Makes empty ones, for heads and for trailers. */
    public static final HttpHeadersFactory FACTORY = new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
            return new BoundedHeaders();
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
            return new BoundedHeaders();
        }
    };

    private int lines;

    private void count() {
        if (++lines > MOST_LINES) {
            throw new TooLongHttpHeaderException("more than " + MOST_LINES + " header lines");
        }
    }

    @Override
    public HttpHeaders add(String name, Object value) {
        count();
        return super.add(name, value);
    }

    @Override
    public HttpHeaders add(CharSequence name, Object value) {
        count();
        return super.add(name, value);
    }
}
