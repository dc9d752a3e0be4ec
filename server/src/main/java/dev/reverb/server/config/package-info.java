/**
 * Settings of one server as immutable records with units, and their catalogue. Values only: nothing here reads anything
 * but limits of the process, and nothing knows Netty. Any thread.
 */
@NullMarked
package dev.reverb.server.config;

import org.jspecify.annotations.NullMarked;
