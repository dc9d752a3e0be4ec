/**
 * {@code reverb check}: what a start would find, read and reached without serving. Runs on the main thread.
 */
@NullMarked
package dev.reverb.server.cli.check;

import org.jspecify.annotations.NullMarked;
