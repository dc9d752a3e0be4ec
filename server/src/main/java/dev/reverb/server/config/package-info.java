/**
 * Settings of one server as immutable records with units, validated across fields before anything starts.
 * Called from the command line's thread; nothing here knows Netty.
 */
@NullMarked
package dev.reverb.server.config;

import org.jspecify.annotations.NullMarked;
