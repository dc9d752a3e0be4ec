package dev.reverb.bench.measure;

/**
 * Who runs where.
 *
 * @param server the core that servers are pinned to
 * @param load the core that the load is pinned to
 * @param held whether server and load run there before everything else, so that others get only what these leave
 */
public record Cores(int server, int load, boolean held) {}
