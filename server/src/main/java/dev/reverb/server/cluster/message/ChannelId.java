package dev.reverb.server.cluster.message;

/**
 * One channel of one application.
 *
 * @param app the application's id
 * @param name the channel's full name, prefix included
 */
public record ChannelId(String app, String name) {}
