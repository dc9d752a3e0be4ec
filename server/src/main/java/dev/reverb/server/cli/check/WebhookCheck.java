package dev.reverb.server.cli.check;

import dev.reverb.model.App;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.config.ServerConfig.WebhookConfig;
import dev.reverb.server.webhook.send.WebhookAnswer;
import dev.reverb.server.webhook.send.WebhookTrial;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * Sends a signed request without events to every webhook and prints what came of it, in the order of the settings.
 * Blocks for {@code webhooks.timeout} at most for each {@link #AT_ONCE} of them.
 */
final class WebhookCheck {

    private static final int AT_ONCE = 64;

    private record Sent(
            App app,
            int place,
            WebhookEndpoint endpoint,
            CompletableFuture<WebhookTrial.Outcome> outcome) {}

    private WebhookCheck() {}

    /**
     * Tries the webhooks of all of {@code apps}.
     *
     * @throws CommandFailedException after all were tried, when one was not answered with 2xx
     */
    static void run(AppRegistry apps, WebhookConfig config, PrintWriter out) throws InterruptedException {
        int count = apps.all().stream().mapToInt(app -> app.webhooks().size()).sum();
        out.println();
        if (count == 0) {
            out.println("No application has webhooks.");
            return;
        }
        out.println(count == 1 ? "1 webhook, sent a signed request without events:"
                : count + " webhooks, each sent a signed request without events:");
        int failed = 0;
        try (WebhookTrial trial = new WebhookTrial(config)) {
            for (Sent sent : send(apps, trial)) {
                WebhookTrial.Outcome outcome = sent.outcome.join();
                failed += outcome.answer().delivered() ? 0 : 1;
                out.printf("  %-20s %s: %s%n", sent.app.id() + " webhooks[" + sent.place + "]", sent.endpoint,
                        say(outcome));
            }
        }
        if (failed > 0) {
            throw new CommandFailedException(
                    failed + " of " + count + (count == 1 ? " webhook" : " webhooks") + " did not answer with 2xx");
        }
    }

    private static List<Sent> send(AppRegistry apps, WebhookTrial trial) throws InterruptedException {
        List<Sent> all = new ArrayList<>();
        Semaphore room = new Semaphore(AT_ONCE);
        for (App app : apps.all()) {
            for (int i = 0; i < app.webhooks().size(); i++) {
                room.acquire();
                WebhookEndpoint endpoint = app.webhooks().get(i);
                CompletableFuture<WebhookTrial.Outcome> outcome = trial.send(app, endpoint);
                outcome.whenComplete((_, _) -> room.release());
                all.add(new Sent(app, i, endpoint, outcome));
            }
        }
        return all;
    }

    private static String say(WebhookTrial.Outcome outcome) {
        WebhookAnswer answer = outcome.answer();
        String after = " after " + outcome.took().toMillis() + " ms";
        if (answer.delivered()) {
            return answer.status() + after;
        }
        return "FAILED" + after + ": " + switch (answer.status()) {
            case 0 -> answer.reason();
            case 301, 302, 303, 307, 308 -> answer + ", and redirections are not followed: name the address itself";
            case 401, 403 -> answer + ": the receiver wants a login, or knows another key or secret of the application";
            case 404, 405 -> answer + ": nothing takes a POST at this path";
            case 419 -> answer + ": Laravel wants a CSRF token: take the route out of that check";
            default -> answer.toString();
        };
    }
}
