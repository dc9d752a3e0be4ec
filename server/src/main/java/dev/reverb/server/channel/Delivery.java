package dev.reverb.server.channel;

/**
 * A message on its way to one loop's subscribers of a channel.
 *
 * @param part where it goes
 * @param message complete, UTF-8 JSON
 * @param exclude packed id of the connection that does not receive it, 0 for none
 * @param startNanos when it was published, by {@code System.nanoTime}
 */
record Delivery(LoopChannel part, byte[] message, long exclude, long startNanos) {}
