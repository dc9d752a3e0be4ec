package dev.reverb.bench.load;

/**
 * Who runs where.
 *
 * @param server the core that servers are pinned to
 * @param load the core that the load is pinned to
 */
public record Cores(int server, int load) {}
