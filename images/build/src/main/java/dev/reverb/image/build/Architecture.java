package dev.reverb.image.build;

import java.util.Arrays;
import java.util.Locale;

/** The processors that images are built for, with the names that each tool gives them. */
enum Architecture {
    AMD64("x86_64", "/lib64/ld-linux-x86-64.so.2", "x86_64-linux-gnu", 62),
    ARM64("aarch_64", "/lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu", 183);

    /** How Netty ends the names of its native libraries. */
    final String nettySuffix;
    /** Where a program of this architecture looks for the loader of the C library. */
    final String loader;
    /** The folder below {@code lib} where Debian keeps its libraries. */
    final String debianFolder;
    /** {@code e_machine} in the head of its programs. */
    final int elfMachine;

    Architecture(String nettySuffix, String loader, String debianFolder, int elfMachine) {
        this.nettySuffix = nettySuffix;
        this.loader = loader;
        this.debianFolder = debianFolder;
        this.elfMachine = elfMachine;
    }

    static Architecture parse(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> AMD64;
            case "arm64", "aarch64" -> ARM64;
            default -> throw new IllegalArgumentException(
                    "image.arch is \"" + name + "\"; allowed: " + Arrays.toString(values()).toLowerCase(Locale.ROOT));
        };
    }

    /** The machine that runs the build. */
    static Architecture host() {
        return parse(System.getProperty("os.arch"));
    }
}
