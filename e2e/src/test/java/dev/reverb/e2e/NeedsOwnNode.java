package dev.reverb.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that does what may not be done to somebody else's Kubernetes. On the node of {@code dev/kube/up}, the
 * default, it
 * always runs; elsewhere it is reported as skipped and the reason stands on standard error.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OwnNodeCondition.class)
@interface NeedsOwnNode {
    /** What it needs, to stand after "it needs". */
    String value();
}
