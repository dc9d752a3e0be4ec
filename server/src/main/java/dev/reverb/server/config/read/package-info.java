/**
 * From values to settings: each is read by its type and validated, then all of them across fields, before anything
 * starts. An error names what, where, and what is allowed. Called from the thread that reads settings.
 */
@NullMarked
package dev.reverb.server.config.read;

import org.jspecify.annotations.NullMarked;
