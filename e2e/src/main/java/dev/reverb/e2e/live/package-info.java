/**
 * Live clients and a back end that remember everything: what they saw, when, and how it ended, so that a test can say
 * afterwards what was lost. Called by the tests; callbacks run on the clients' own few threads.
 */
@NullMarked
package dev.reverb.e2e.live;

import org.jspecify.annotations.NullMarked;
