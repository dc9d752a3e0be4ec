/**
 * Reads an application from what a file, an environment or a resource gives, and refuses what is not allowed: in it,
 * and beside other applications. Pure; any thread. No null is taken or returned.
 */
package dev.reverb.model.read;
