/** What has to hold on a real Kubernetes, hazard by hazard. */
@NullMarked
package dev.reverb.e2e;

import org.jspecify.annotations.NullMarked;
