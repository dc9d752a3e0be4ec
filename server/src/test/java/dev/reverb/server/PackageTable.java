package dev.reverb.server;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The table of packages in {@code docs/architecture.md}: its first two columns, name and concern, are written by hand;
 * the others are what the classes depend on.
 */
final class PackageTable {

    private static final String HEAD = "| Package | Concern | Uses | Libraries |\n|---|---|---|---|\n";

    private static final Map<String, String> LIBRARIES = Map.of("dev.reverb.model", "`model`", "io.netty", "Netty",
            "io.lettuce", "Lettuce", "io.micrometer", "Micrometer", "io.prometheus", "Prometheus", "picocli", "picocli",
            "org.snakeyaml", "SnakeYAML");

    private PackageTable() {}

    /** {@code page} with the table as it has to be. */
    static String of(JavaClasses server, String page) {
        int start = page.indexOf(HEAD.substring(0, HEAD.indexOf('\n')));
        if (start < 0) {
            throw new AssertionError("the page has no table with the head " + HEAD);
        }
        int end = page.indexOf("\n\n", start);
        Map<String, String> concerns = new TreeMap<>();
        for (String row : page.substring(start, end).split("\n")) {
            String[] cells = row.split("\\|");
            if (cells.length > 2 && cells[1].strip().startsWith("`")) {
                concerns.put(cells[1].strip().replace("`", ""), cells[2].strip());
            }
        }
        return page.substring(0, start) + HEAD + rows(server, concerns) + page.substring(end);
    }

    private static String rows(JavaClasses server, Map<String, String> concerns) {
        Map<String, TreeSet<String>> uses = new TreeMap<>();
        Map<String, TreeSet<String>> libraries = new TreeMap<>();
        for (JavaClass type : server) {
            String from = ArchitectureTest.packageName(type);
            uses.computeIfAbsent(from, _ -> new TreeSet<>());
            libraries.computeIfAbsent(from, _ -> new TreeSet<>());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().startsWith("dev.reverb.server")) {
                    uses.get(from).add(ArchitectureTest.packageName(target));
                } else {
                    LIBRARIES.forEach((prefix, name) -> {
                        if (target.getPackageName().startsWith(prefix)) {
                            libraries.get(from).add(name);
                        }
                    });
                }
            }
            uses.get(from).remove(from);
        }
        List<String> rows = new ArrayList<>();
        uses.forEach((name,
                used) -> rows.add("| `" + name + "` | " + concerns.getOrDefault(name, "?") + " | "
                        + used.stream().map(one -> "`" + one + "`").collect(Collectors.joining(" ")) + " | "
                        + String.join(", ", libraries.getOrDefault(name, new TreeSet<>())) + " |"));
        return String.join("\n", rows);
    }
}
