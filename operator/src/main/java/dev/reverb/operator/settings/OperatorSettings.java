package dev.reverb.operator.settings;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the operator was installed with. Every value has a variable of the environment, listed in {@link #VARIABLES}.
 *
 * @param namespaces that are watched; empty for all
 * @param serverImage of servers whose spec names none
 * @param redisImage of managed Redis
 * @param valkeyImage of managed Redis whose flavor is valkey
 * @param namespace the operator's own, where its lease lives
 * @param leaderElection whether several operators may run of which one acts
 * @param managementPort of health and metrics, 0 for any free one
 * @param upgradeRolls what becomes of clusters that an operator upgrade would roll
 * @param upgradePause between two such rolls
 * @param poll how often the servers' connections are read while nothing rolls
 * @param rollWatch how long a roll watches a new server where the spec says nothing
 */
public record OperatorSettings(
        Set<String> namespaces,
        String serverImage,
        String redisImage,
        String valkeyImage,
        String namespace,
        boolean leaderElection,
        int managementPort,
        UpgradeRolls upgradeRolls,
        Duration upgradePause,
        Duration poll,
        Duration rollWatch) {

    /** What becomes of clusters that an operator upgrade would roll. */
    public enum UpgradeRolls {
        /** One cluster after the other; the default. */
        SPACED,
        /** None before somebody says so, by the annotation {@code reverb.dev/upgrade: allowed}. */
        HELD
    }

    /** Name, default and meaning of every variable. */
    public static final List<Variable> VARIABLES = List.of(
            new Variable("REVERB_OPERATOR_NAMESPACES", "",
                    "Namespaces to watch, separated by commas; all of them when empty."),
            new Variable("REVERB_OPERATOR_SERVER_IMAGE", "reverb/server:0.1.0",
                    "The image of servers whose spec names none."),
            new Variable("REVERB_OPERATOR_REDIS_IMAGE", "redis:8.2", "The image of a managed Redis."),
            new Variable("REVERB_OPERATOR_VALKEY_IMAGE", "valkey/valkey:8.1",
                    "The image of a managed Redis of the flavor valkey."),
            new Variable("REVERB_OPERATOR_NAMESPACE", "reverb-system",
                    "The operator's own namespace, where its lease lives."),
            new Variable("REVERB_OPERATOR_LEADER_ELECTION", "true",
                    "Whether several operators may run, of which one acts: true or false."),
            new Variable("REVERB_OPERATOR_MANAGEMENT_PORT", "8081", "The port of health and metrics; 0 for any."),
            new Variable("REVERB_OPERATOR_UPGRADE_ROLLS", "spaced",
                    "What becomes of clusters that would roll because the operator is another one: spaced (one after"
                            + " the other) or held (until reverb.dev/upgrade: allowed)."),
            new Variable("REVERB_OPERATOR_UPGRADE_PAUSE", "60s", "The time between two such rolls."),
            new Variable("REVERB_OPERATOR_POLL", "15s",
                    "How often the servers' connections are read while nothing rolls."),
            new Variable("REVERB_OPERATOR_ROLL_WATCH", "15s",
                    "How long a roll watches a new server that is ready before it replaces the next one, where"
                            + " spec.rollout.watchWindow says nothing."),
            new Variable("REVERB_OPERATOR_LOG_LEVEL", "info", "What is logged: error, warn, info or debug."));

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final String PREFIX = "REVERB_OPERATOR_";
    /** What Kubernetes puts into the environment for a Service named reverb-operator. */
    private static final Pattern SERVICE_LINK = Pattern
            .compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_\\d+_(TCP|UDP|SCTP)(_.*)?)");

    public OperatorSettings {
        namespaces = Set.copyOf(namespaces);
    }

    /**
     * One variable of the environment.
     *
     * @param name of the variable
     * @param standard the default
     * @param meaning one sentence
     */
    public record Variable(String name, String standard, String meaning) {}

    /**
     * Reads the environment.
     *
     * @throws IllegalArgumentException with one line that names the variable, its value and what is allowed
     */
    public static OperatorSettings load(Map<String, String> environment) {
        Set<String> known = VARIABLES.stream().map(Variable::name).collect(Collectors.toSet());
        for (String name : new TreeSet<>(environment.keySet())) {
            if (name.startsWith(PREFIX) && !known.contains(name) && !SERVICE_LINK.matcher(name).matches()) {
                throw new IllegalArgumentException(name + " is not a setting of the operator; there are "
                        + String.join(", ", new TreeSet<>(known)));
            }
        }
        return new OperatorSettings(namespaces(environment), text(environment, "SERVER_IMAGE"),
                text(environment, "REDIS_IMAGE"), text(environment, "VALKEY_IMAGE"), text(environment, "NAMESPACE"),
                flag(environment, "LEADER_ELECTION"), port(environment, "MANAGEMENT_PORT"), upgradeRolls(environment),
                duration(environment, "UPGRADE_PAUSE"), duration(environment, "POLL"),
                duration(environment, "ROLL_WATCH"));
    }

    /**
     * From which level on is logged.
     *
     * @throws IllegalArgumentException with one line that names the variable, its value and what is allowed
     */
    public static System.Logger.Level logLevel(Map<String, String> environment) {
        return switch (text(environment, "LOG_LEVEL").toLowerCase(Locale.ROOT)) {
            case "error" -> System.Logger.Level.ERROR;
            case "warn" -> System.Logger.Level.WARNING;
            case "info" -> System.Logger.Level.INFO;
            case "debug" -> System.Logger.Level.DEBUG;
            case String other -> throw refused("LOG_LEVEL", other, "error, warn, info or debug");
        };
    }

    private static String text(Map<String, String> environment, String suffix) {
        String name = PREFIX + suffix;
        String value = environment.getOrDefault(name, "").strip();
        return value.isEmpty()
                ? VARIABLES.stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow().standard()
                : value;
    }

    private static Set<String> namespaces(Map<String, String> environment) {
        String value = text(environment, "NAMESPACES");
        Set<String> names = Arrays.stream(value.split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
        for (String name : names) {
            if (!name.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")) {
                throw refused("NAMESPACES", value, "names of namespaces separated by commas, or nothing for all");
            }
        }
        return names;
    }

    private static boolean flag(Map<String, String> environment, String suffix) {
        return switch (text(environment, suffix)) {
            case "true" -> true;
            case "false" -> false;
            case String other -> throw refused(suffix, other, "true or false");
        };
    }

    private static int port(Map<String, String> environment, String suffix) {
        String value = text(environment, suffix);
        if (!value.matches("\\d{1,5}") || Integer.parseInt(value) > 65_535) {
            throw refused(suffix, value, "a port from 0 to 65535");
        }
        return Integer.parseInt(value);
    }

    private static UpgradeRolls upgradeRolls(Map<String, String> environment) {
        return switch (text(environment, "UPGRADE_ROLLS").toLowerCase(Locale.ROOT)) {
            case "spaced" -> UpgradeRolls.SPACED;
            case "held" -> UpgradeRolls.HELD;
            case String other -> throw refused("UPGRADE_ROLLS", other, "spaced or held");
        };
    }

    private static Duration duration(Map<String, String> environment, String suffix) {
        String value = text(environment, suffix);
        Matcher matcher = DURATION.matcher(value);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw refused(suffix, value, "a duration above zero such as 500ms, 15s or 2m");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    private static IllegalArgumentException refused(String suffix, String value, String allowed) {
        return new IllegalArgumentException(PREFIX + suffix + " is \"" + value + "\"; allowed is " + allowed);
    }
}
