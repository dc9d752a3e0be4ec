package dev.reverb.image.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Netty's native libraries, taken out of their jars into a folder on {@code java.library.path}: in an image whose
 * root is
 * read-only Netty could not unpack them at run time.
 */
final class NativeLibraries {

    private static final String FOLDER = "META-INF/native/";

    private NativeLibraries() {}

    static void unpack(List<Path> jars, Architecture architecture, Path target) throws IOException {
        FileTree.delete(target);
        Files.createDirectories(target);
        for (Path jar : jars) {
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                for (ZipEntry entry : zip.stream().filter(e -> wanted(e.getName(), architecture)).toList()) {
                    try (InputStream content = zip.getInputStream(entry)) {
                        Files.copy(content, target.resolve(entry.getName().substring(FOLDER.length())),
                                StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
        }
    }

    /** Whether a jar holds native libraries for other architectures and nothing else: no image needs it. */
    static boolean onlyForOthers(Path jar, Architecture architecture) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            List<String> names = zip.stream().map(ZipEntry::getName).toList();
            return names.stream().anyMatch(name -> name.startsWith(FOLDER) && name.endsWith(".so")) && names.stream()
                    .noneMatch(name -> wanted(name, architecture)
                            || (name.endsWith(".class") && !name.endsWith("module-info.class")));
        }
    }

    private static boolean wanted(String name, Architecture architecture) {
        return name.startsWith(FOLDER) && name.endsWith("_" + architecture.nettySuffix + ".so");
    }
}
