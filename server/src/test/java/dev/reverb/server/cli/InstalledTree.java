package dev.reverb.server.cli;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A built server without its sources, as it would be unpacked somewhere: launcher, jar and libraries. */
final class InstalledTree {
    private static final Pattern TEST_JAR = Pattern.compile("junit|archunit|opentest4j|apiguardian|reverb-testkit");
    private static final Pattern TEST_FOLDER = Pattern
            .compile("/(test-classes|quick/test|src/test/resources|testkit/target/(classes|quick/main))/?$");

    private InstalledTree() {}

    /** Lays it out in {@code folder}; returns the launcher. */
    static Path in(Path folder) throws IOException {
        Path launcher = Files.copy(Path.of("..", "reverb"), folder.resolve("reverb"));
        Path target = folder.resolve("server/target");
        Files.createDirectories(target.resolve("lib"));
        List<Path> classes = new ArrayList<>();
        for (String entry : new LinkedHashSet<>(
                List.of(System.getProperty("java.class.path").split(File.pathSeparator)))) {
            Path path = Path.of(entry);
            String name = path.getFileName().toString();
            if (name.endsWith(".jar") && !TEST_JAR.matcher(name).lookingAt()) {
                Files.copy(path, target.resolve("lib").resolve(name), StandardCopyOption.REPLACE_EXISTING);
            } else if (Files.isDirectory(path) && !TEST_FOLDER.matcher(entry).find()) {
                classes.add(path);
            }
        }
        jar(classes, target.resolve("reverb-server.jar"), Map.of());
        return launcher;
    }

    /** Lets every user read and enter {@code folder}, which JUnit makes for one user only. */
    static void open(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A jar of {@code folders}, the first of which wins, with some entries replaced. */
    static void jar(List<Path> folders, Path jar, Map<String, byte[]> replaced) throws IOException {
        Set<String> names = new HashSet<>();
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file)) {
            for (Path folder : folders) {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path path : files.filter(Files::isRegularFile).toList()) {
                        String name = folder.relativize(path).toString().replace(File.separatorChar, '/');
                        if (names.add(name)) {
                            out.putNextEntry(new JarEntry(name));
                            out.write(replaced.getOrDefault(name, Files.readAllBytes(path)));
                            out.closeEntry();
                        }
                    }
                }
            }
        }
    }
}
