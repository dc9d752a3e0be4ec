package dev.reverb.server.lifecycle;

import dev.reverb.server.cluster.ClusterLoad;

/**
 * When this node closes connections so that they move to others, and how many: computed from what heartbeats carried.
 * Heartbeats
 * are its only clock.
 *
 * <p>When a node joins, up to three rounds may follow, each after a settling time. A round takes place if this node
 * has more
 * than the mean and the tolerance, and by {@value #FEW} or more; it closes what is above the mean. Where a client
 * lands is
 * the load balancer's choice, some come back here: hence the later rounds; and if neither this node nor the one that
 * has
 * fewest is better off than chance would have it, hence none. As long as some node has no connection at all it may
 * not be
 * behind the load balancer yet: until it has one, only a few connections are tried in each settling time.
 *
 * <p>As long as others move connections, some of them come here: who has had no reason for a round by then may have one
 * when they are done.
 *
 * <p>A node that goes ends the round under way, and those that are left wait until there are as many nodes again: one
 * that
 * was out of reach is back, or its successor joins, which allows three anyway. Before the first round it only makes
 * everything settle anew: the lease of a process that was killed ends after its successor has joined. One thread at a
 * time.
 */
final class RebalanceRounds {

    /** Rounds for each time that nodes joined. */
    static final int ROUNDS = 3;
    /**
     * Heartbeats without a change before a round: the one of every node has arrived, and whoever was closed is back.
     */
    static final int SETTLING = 3;
    /** Fewer than these are not worth a round; and so many are tried on a node that has none. */
    static final int FEW = 10;

    /** What a heartbeat leads to. */
    enum Change {
        /** Nothing; a round that is under way goes on. */
        NONE,
        /** A round begins. */
        BEGIN,
        /** The round under way is over. */
        END,
        /** No round follows, because clients came back here. */
        GIVE_UP
    }

    private final double allowed;
    private long joined = -1;
    private int nodes;
    /** As many have to be there for a round. */
    private int complete;
    private double mean;
    private int fewest;

    /** Rounds that may still begin, and heartbeats until the next one may. */
    private int left;
    private int settling;
    private boolean active;
    private int beats;
    /** Whether this node had no reason for a round but may get one, since others move connections. */
    private boolean waiting;

    /** Of the last round; {@code goal} is 0 before the first one since nodes joined. */
    private int goal;
    private int closed;
    private double surplus;
    private int fewestBefore;

    /** @param tolerancePercent how far above the mean is well */
    RebalanceRounds(int tolerancePercent) {
        allowed = 1 + tolerancePercent / 100.0;
    }

    /**
     * A heartbeat was answered.
     *
     * @param mine connections to this node
     */
    Change heard(ClusterLoad load, int mine) {
        boolean first = joined < 0;
        boolean grew = !first && load.joined() > joined;
        int before = nodes;
        joined = load.joined();
        nodes = load.nodes();
        mean = nodes == 0 ? mine : (double) load.connections() / nodes;
        fewest = load.fewest();
        if (grew) {
            left = ROUNDS;
            goal = 0;
            complete = nodes;
            return unsettled();
        }
        if (nodes < before && goal == 0) {
            complete = nodes;
        }
        if (nodes != before) {
            return unsettled();
        }
        if (active) {
            beats++;
            return over(mine) ? ended() : Change.NONE;
        }
        return mayBegin() && --settling == 0 ? look(load.moving(), mine) : Change.NONE;
    }

    private boolean mayBegin() {
        return left > 0 && nodes > 1 && nodes >= complete;
    }

    private Change look(int moving, int mine) {
        double above = mine - mean;
        if (mine <= mean * allowed || above < FEW) {
            if (moving == 0) {
                left = 0;
            }
            unsettled();
            waiting = true;
            return Change.NONE;
        }
        // chance sends 1/nodes of those who were closed to the node that has fewest: half of that is required. Here
        // it may
        // not show, as what others close comes here too
        double half = closed / (2.0 * nodes);
        boolean vain = goal > 0 && closed >= FEW && surplus - above < half && fewest - fewestBefore < half;
        if (vain) {
            left = 0;
            return Change.GIVE_UP;
        }
        left--;
        surplus = above;
        goal = (int) surplus;
        fewestBefore = fewest;
        closed = 0;
        beats = 0;
        active = true;
        return Change.BEGIN;
    }

    /**
     * Who is there is not known: the round under way is over, another may follow when heartbeats of all have arrived
     * again.
     */
    Change linkDown() {
        nodes = 0; // the others come back one after the other, and this is nobody's end
        return unsettled();
    }

    /** The round under way is over, another may follow when all has settled. */
    private Change unsettled() {
        settling = SETTLING;
        waiting = false;
        boolean was = active;
        active = false;
        return was ? Change.END : Change.NONE;
    }

    /** The round is over, having done what it could. */
    Change ended() {
        return unsettled();
    }

    /** This node drains: it never begins a round again. */
    Change stop() {
        left = 0;
        return unsettled();
    }

    /** Whether a round is under way, or may be soon. */
    boolean busy() {
        return active || (mayBegin() && !waiting);
    }

    boolean active() {
        return active;
    }

    /** Whether the round under way has nothing more to close. */
    boolean over(int mine) {
        return closed >= goal || mine <= mean;
    }

    /** Whether one more may be closed now. */
    boolean mayClose(int mine) {
        int tried = FEW * (1 + beats / SETTLING);
        return active && !over(mine) && (fewest > 0 || closed < tried);
    }

    /** One more was closed. */
    void closed() {
        closed++;
    }

    /** How many the round under way, or the last one, has closed. */
    int closedCount() {
        return closed;
    }

    /** How many the round under way, or the last one, was to close. */
    int goal() {
        return goal;
    }

    double mean() {
        return mean;
    }

    int nodes() {
        return nodes;
    }
}
