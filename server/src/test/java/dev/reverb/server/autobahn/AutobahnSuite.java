package dev.reverb.server.autobahn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the Autobahn suite's fuzzing client against {@link EchoServer}, and ends with 1 when a case failed. The suite is
 * Python: it runs on Jython in a process of its own, from the jars in the folder that the second argument names.
 *
 * <p>Arguments: the file of the cases that are left out, the folder of the suite's jars, the folder for its reports.
 */
public final class AutobahnSuite {

    private static final String AGENT = "reverb";
    /** Ten times what the cases take; Jython alone starts for a minute on a busy machine. */
    private static final long BOUND_MINUTES = 8;
    private static final Set<String> FAILED = Set.of("FAILED", "WRONG CODE", "UNCLEAN", "FAILED BY CLIENT",
            "UNIMPLEMENTED");
    /** What a new case would slip through without: more than this many are run. */
    private static final int LEAST_CASES = 240;

    private AutobahnSuite() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Path reports = Files.createDirectories(Path.of(args[2]));
        int failed;
        try (EchoServer server = EchoServer.start(0)) {
            run(leftOut(Path.of(args[0])), Path.of(args[1]), reports, server.address().getPort());
            failed = judge(reports);
        }
        System.exit(failed == 0 ? 0 : 1);
    }

    private static List<String> leftOut(Path file) throws IOException {
        List<String> patterns = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] parts = line.split("\\s+", 2);
            if (parts.length < 2 || parts[1].isBlank()) {
                throw new IllegalArgumentException(file + ": the case \"" + line + "\" needs a reason");
            }
            patterns.add(parts[0]);
        }
        return patterns;
    }

    private static void run(List<String> leftOut, Path jars, Path reports, int port)
            throws IOException, InterruptedException {
        // the client waits for the server to end TCP, as RFC 6455 (7.1.1) wants, instead of dropping it at an error
        Map<String, Object> spec = Map.of("options", Map.of("failByDrop", false), "outdir", reports.toString(),
                "servers", List.of(Map.of("agent", AGENT, "url", "ws://127.0.0.1:" + port)), "cases", List.of("*"),
                "exclude-cases", leftOut, "exclude-agent-cases", Map.of());
        Path specification = reports.resolve("fuzzingclient.json");
        Files.writeString(specification, JsonMapper.shared().writeValueAsString(spec));
        Files.deleteIfExists(reports.resolve("index.json"));
        Process suite = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dpython.cachedir=" + reports.resolve("jython").toAbsolutePath(), "-Dpython.console.encoding=UTF-8",
                "-cp", jars.resolve("*").toString(), "org.python.util.jython", "-c", """
                    import json, sys
                    from autobahntestsuite import wstest
                    wstest.start({'mode': 'fuzzingclient'}, json.load(open(sys.argv[1])))
                    """, specification.toString()).redirectErrorStream(true)
                .redirectOutput(reports.resolve("suite.log").toFile())
                .start();
        if (!suite.waitFor(BOUND_MINUTES, TimeUnit.MINUTES)) {
            suite.destroyForcibly();
            throw new IllegalStateException("the suite took more than " + BOUND_MINUTES + " minutes");
        }
        if (suite.exitValue() != 0 || !Files.exists(reports.resolve("index.json"))) {
            throw new IllegalStateException("the suite did not run: " + Files.readString(reports.resolve("suite.log")));
        }
    }

    private static int judge(Path reports) throws IOException {
        JsonNode cases = JsonMapper.shared().readTree(Files.readString(reports.resolve("index.json"))).path(AGENT);
        Map<String, Integer> counts = new TreeMap<>();
        List<String> failed = new ArrayList<>();
        for (Map.Entry<String, JsonNode> one : cases.properties()) {
            String behavior = one.getValue().path("behavior").asString();
            String atClose = one.getValue().path("behaviorClose").asString();
            counts.merge(behavior, 1, Integer::sum);
            if (FAILED.contains(behavior) || FAILED.contains(atClose)) {
                failed.add("case " + one.getKey() + ": " + behavior + ", at close " + atClose + ", see "
                        + reports.resolve(one.getValue().path("reportfile").asString()));
            }
        }
        System.out.println("Autobahn: " + cases.size() + " cases, " + counts);
        failed.forEach(System.out::println);
        if (cases.size() < LEAST_CASES) {
            System.out.println("Autobahn: only " + cases.size() + " cases ran, expected at least " + LEAST_CASES);
            return 1;
        }
        return failed.size();
    }
}
