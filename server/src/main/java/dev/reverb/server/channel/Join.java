package dev.reverb.server.channel;

/**
 * A subscription that begins, with what it receives first. It travels through the loop's inbox, so that it receives
 * what comes behind it in the inbox and nothing of what its snapshot already holds.
 */
record Join(Subscription subscription, LoopChannel part, byte[][] greeting) {}
