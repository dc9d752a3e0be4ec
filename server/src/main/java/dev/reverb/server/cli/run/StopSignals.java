package dev.reverb.server.cli.run;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGTERM and SIGINT: the first begins to drain, the second ends the process at once. A shutdown hook could do neither:
 * the JVM swallows every signal after the first, and exits with the signal's code instead of 0.
 */
final class StopSignals {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);

    private StopSignals() {}

    static void install(Runnable drain) {
        AtomicBoolean draining = new AtomicBoolean();
        handle("TERM", () -> stop("SIGTERM", 143, draining, drain));
        handle("INT", () -> stop("SIGINT", 130, draining, drain));
    }

    private static void stop(String signal, int exitCode, AtomicBoolean draining, Runnable drain) {
        if (draining.compareAndSet(false, true)) {
            LOG.info("{}: draining; once more ends at once", signal);
            drain.run();
        } else {
            LOG.warn("{} again: ending at once", signal);
            Runtime.getRuntime().halt(exitCode);
        }
    }

    /**
     * Calls {@code sun.misc.Signal}, which every JDK exports in {@code jdk.unsupported}, by reflection: the compiler
     * warns of its name in a way that cannot be turned off, and warnings fail the build.
     */
    private static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(StopSignals.class.getClassLoader(), new Class<?>[]{handler},
                    (self, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            action.run();
                            yield null;
                        }
                        case "equals" -> System.identityHashCode(self) == System.identityHashCode(arguments[0]);
                        case "hashCode" -> System.identityHashCode(self);
                        default -> "stop on SIG" + name;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            LOG.warn("SIG{} will end this process without a drain: {}", name, e.toString());
        }
    }
}
