package dev.reverb.operator.reconcile;

import java.util.function.Supplier;

/**
 * Makes exceptions of errors. The framework retries after an exception; an {@link Error}, such as a class that does not
 * link or a stack that overflows, it lets end the thread, and the resource would count as under way until a restart.
 */
final class ErrorGuard {

    private ErrorGuard() {}

    /**
     * What {@code reconcile} returns; runs it on the calling thread.
     *
     * @throws IllegalStateException in place of an error, which is its cause
     */
    static <T> T run(Supplier<T> reconcile) {
        try {
            return reconcile.get();
        } catch (Error e) {
            throw new IllegalStateException("the reconcile ended with an error: " + e, e);
        }
    }
}
