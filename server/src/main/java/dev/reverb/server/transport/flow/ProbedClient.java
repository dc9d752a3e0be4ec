package dev.reverb.server.transport.flow;

import dev.reverb.server.channel.Recipient;

/** A recipient that can be asked, with a ping, how far it has read. */
public interface ProbedClient extends Recipient {

    /** Whether its socket is open. Any thread. */
    boolean open();

    /** Sends a ping with {@code number} as payload behind everything that was written; loop thread. */
    void probe(int number);
}
