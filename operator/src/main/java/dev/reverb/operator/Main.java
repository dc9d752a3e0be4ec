package dev.reverb.operator;

import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Starts the operator from its environment, and stops it on SIGTERM. */
public final class Main {
    private Main() {}

    /** Runs until the process is told to stop; a wrong setting ends it at once with status 2 and one line. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length > 0 && args[0].equals("--settings")) {
            OperatorSettings.VARIABLES.forEach(variable -> System.out.printf("%s (%s): %s%n", variable.name(),
                    variable.standard().isEmpty() ? "empty" : variable.standard(), variable.meaning()));
            return;
        }
        OperatorSettings settings;
        try {
            settings = OperatorSettings.load(System.getenv());
        } catch (IllegalArgumentException e) {
            System.err.println("reverb-operator: " + e.getMessage());
            System.exit(2);
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        KubernetesClient client = new KubernetesClientBuilder().build();
        ReverbOperator operator = ReverbOperator.start(client, settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            operator.close();
            client.close();
            stopped.countDown();
        }, "stop"));
        stopped.await();
    }
}
