package dev.reverb.operator.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ErrorGuardTest {
    @Test
    void anErrorBecomesAnExceptionWhichTheFrameworkRetriesAfter() {
        NoClassDefFoundError error = new NoClassDefFoundError("gone");
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> ErrorGuard.run(() -> {
            throw error;
        }));
        assertSame(error, thrown.getCause());
    }

    @Test
    void whatIsReturnedAndExceptionsPass() {
        assertEquals("done", ErrorGuard.run(() -> "done"));
        assertThrows(IllegalArgumentException.class, () -> ErrorGuard.run(() -> {
            throw new IllegalArgumentException("wrong");
        }));
    }
}
