package dev.reverb.server.cluster.redis.base;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The names that this node publishes and owns entries under.
 *
 * <p>The node keeps its id for its whole life, so that a frame that it sends twice is recognised. Its entries belong to
 * an owner, the id and an epoch. The epoch grows each time the other nodes removed its entries; so the removal of one
 * epoch's entries, however late, never touches those of the next. {@link #nextEpoch} is called on the cluster's thread;
 * {@link #id} and {@link #owner} may be read by any.
 */
public final class NodeIdentity {

    private final String id;
    private final byte[] idBytes;
    private int epoch;
    private volatile String owner;
    private byte[] ownerBytes;

    private NodeIdentity(String id) {
        this.id = id;
        this.idBytes = Keyspace.bytes(id);
        this.epoch = 1;
        this.owner = id + ".1";
        this.ownerBytes = Keyspace.bytes(owner);
    }

    /** A new node: 64 random bits in hexadecimal. */
    public static NodeIdentity create(RandomGenerator random) {
        return new NodeIdentity(HexFormat.of().toHexDigits(random.nextLong()));
    }

    public String id() {
        return id;
    }

    /** {@link #id}; not to be changed. */
    public byte[] idBytes() {
        return idBytes;
    }

    /** What this node's entries stand under now. */
    public String owner() {
        return owner;
    }

    /** {@link #owner}; not to be changed. */
    public byte[] ownerBytes() {
        return ownerBytes;
    }

    /** Whether an owner's name is one that this node has or had. */
    public boolean owns(String name) {
        return name.startsWith(id);
    }

    /** Takes the next owner's name, after the other nodes removed the entries of the present one. */
    public void nextEpoch() {
        epoch++;
        owner = id + "." + epoch;
        ownerBytes = Keyspace.bytes(owner);
    }
}
