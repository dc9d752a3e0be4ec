package dev.reverb.server.webhook.send;

import java.util.concurrent.atomic.LongAdder;

/**
 * What was sent to one endpoint. Any thread.
 *
 * @param app the application's id
 * @param endpoint its place in the application's list, from 0
 * @param delivered events that the endpoint answered with 2xx
 * @param failed requests that it did not
 * @param dropped events given up
 * @param waiting bytes that wait
 */
public record EndpointMeters(
        String app,
        int endpoint,
        LongAdder delivered,
        LongAdder failed,
        LongAdder dropped,
        LongAdder waiting) {

    EndpointMeters(String app, int endpoint) {
        this(app, endpoint, new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder());
    }
}
