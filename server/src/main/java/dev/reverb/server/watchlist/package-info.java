/**
 * Which users are signed in, over all nodes, and who is notified of it: watchlists. A connection says who signed in and
 * whom it watches; the cluster says who is signed in on other nodes. Any thread enters; a shard's lock is held for map
 * look-ups, and what a connection receives is put together on its own loop.
 */
@NullMarked
package dev.reverb.server.watchlist;

import org.jspecify.annotations.NullMarked;
