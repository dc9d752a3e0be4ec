package dev.reverb.operator;

import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator from its environment, and stops it on SIGTERM. */
public final class Main {
    private Main() {}

    private static void log(System.Logger.Level level) {
        Level from = Level.parse(Integer.toString(switch (level) {
            case ERROR -> Level.SEVERE.intValue();
            case WARNING -> Level.WARNING.intValue();
            case DEBUG -> Level.FINE.intValue();
            default -> Level.INFO.intValue();
        }));
        Logger root = Logger.getLogger("");
        root.setLevel(from);
        for (Handler handler : root.getHandlers()) {
            handler.setLevel(from);
        }
    }

    /** Runs until the process gets a signal to stop; a wrong setting ends it at once with status 2 and one line. */
    public static void main(String[] args) throws InterruptedException {
        if (args.length > 0 && args[0].equals("--settings")) {
            OperatorSettings.VARIABLES.forEach(variable -> System.out.printf("%s (%s): %s%n", variable.name(),
                    variable.standard().isEmpty() ? "empty" : variable.standard(), variable.meaning()));
            return;
        }
        OperatorSettings settings;
        try {
            settings = OperatorSettings.load(System.getenv());
            log(OperatorSettings.logLevel(System.getenv()));
        } catch (IllegalArgumentException e) {
            System.err.println("reverb-operator: " + e.getMessage());
            System.exit(2);
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        KubernetesClient client = new KubernetesClientBuilder().build();
        ReverbOperator operator;
        try {
            operator = ReverbOperator.start(client, settings);
        } catch (IOException | RuntimeException e) {
            // threads of a half-started operator would keep the process alive, doing nothing
            LoggerFactory.getLogger(Main.class).error("the operator does not start", e);
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            operator.close();
            client.close();
            stopped.countDown();
        }, "stop"));
        stopped.await();
    }
}
