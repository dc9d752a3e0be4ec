/**
 * What every command is made of: its name, its flags, what was given for them, and the settings around it. Knows no
 * command. Runs on the main thread.
 */
@NullMarked
package dev.reverb.server.cli.command;

import org.jspecify.annotations.NullMarked;
