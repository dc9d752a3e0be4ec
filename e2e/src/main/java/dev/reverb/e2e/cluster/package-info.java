/**
 * Kubernetes as the tests use it: where it comes from, what is installed into it, one Reverb cluster in a namespace of
 * its own. Called by the tests on their own thread; nothing here is shared between tests but the Kubernetes itself.
 */
@NullMarked
package dev.reverb.e2e.cluster;

import org.jspecify.annotations.NullMarked;
