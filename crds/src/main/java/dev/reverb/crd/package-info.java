/**
 * The custom resources {@code ReverbCluster} and {@code ReverbApp} of {@code reverb.dev/v1} as immutable records, from
 * which the manifests are generated. Values only: anybody may read them, on any thread. What is absent in a resource is
 * null here; defaults are resolved by the operator and never written back.
 */
@NullMarked
package dev.reverb.crd;

import org.jspecify.annotations.NullMarked;
