/**
 * Several servers as processes of their own over a real Redis, with crowds of real clients and a publisher over HTTP,
 * while Redis, links and servers fail. Called by JUnit; a {@link dev.reverb.server.cluster.nodes.Crowd}'s sessions live
 * on one thread of its own.
 */
@NullMarked
package dev.reverb.server.cluster.nodes;

import org.jspecify.annotations.NullMarked;
