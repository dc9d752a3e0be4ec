package dev.reverb.server.transport.http;

import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.config.ServerConfig.LimitsConfig;

/** The answers of a request whose time is over. Pure. */
final class TimeOuts {

    private TimeOuts() {}

    /** 504: it is being carried out for too long. */
    static ApiReply ofAnswer(LimitsConfig limits) {
        return ApiReply.error(504, "There was no answer within " + limits.responseTimeout().toMillis()
                + " ms (limits.response_timeout); whether the request has an effect is not known");
    }

    /** 408: its head or its body took too long to arrive. */
    static ApiReply ofRequest(LimitsConfig limits) {
        return ApiReply.error(408, "The request did not arrive within " + limits.requestTimeout().toMillis()
                + " ms (limits.request_timeout)");
    }
}
