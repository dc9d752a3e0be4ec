/**
 * Reads what exists: objects from caches and from the API server, what servers answer, what Kubernetes offers. Changes
 * nothing and knows no other package of the shell. Called by reconciles; each class says which of its methods other
 * threads may use.
 */
@NullMarked
package dev.reverb.operator.observe;

import org.jspecify.annotations.NullMarked;
