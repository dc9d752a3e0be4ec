/**
 * What a webhook wants, what a request to it says, and when it is tried again. Pure: values in, values out; any thread.
 */
@NullMarked
package dev.reverb.server.webhook;

import org.jspecify.annotations.NullMarked;
