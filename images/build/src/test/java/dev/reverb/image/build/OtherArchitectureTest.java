package dev.reverb.image.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What can be known of an image for another architecture without running it; the rest is seen by dev/images-arm64
 * --check.
 */
class OtherArchitectureTest {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin/java");
    private static final Architecture OTHER = Architecture.host() == Architecture.AMD64 ? Architecture.ARM64
            : Architecture.AMD64;

    @TempDir
    Path folder;

    @Test
    void aProgramTellsItsMachineAndItsLibraries() throws IOException {
        ElfFile java = ElfFile.read(JAVA).orElseThrow();

        assertEquals(Architecture.host().elfMachine, java.machine());
        assertTrue(java.needed().contains("libjli.so"), java.toString());
        assertTrue(java.needed().contains("libc.so.6"), java.toString());
    }

    @Test
    void whatIsNoProgramIsTakenForNone() throws IOException {
        assertEquals(Optional.empty(), ElfFile.read(Files.writeString(folder.resolve("empty"), "")));
        assertEquals(Optional.empty(), ElfFile.read(Files.writeString(folder.resolve("text"), "text ".repeat(50))));
    }

    @Test
    void aProgramCutShortIsNamed() throws IOException {
        Path cut = Files.write(folder.resolve("cut.so"), Arrays.copyOf(Files.readAllBytes(JAVA), 100));
        IOException failure = assertThrows(IOException.class, () -> ElfFile.read(cut));
        assertEquals(cut + " ends before its tables do", failure.getMessage());
    }

    @Test
    void aRuntimeOfThisMachineIsRefusedInAnImageForAnother() {
        IllegalStateException failure = assertThrows(IllegalStateException.class,
                () -> CLibrary.copy(OTHER, folder, Path.of(System.getProperty("java.home")),
                        Files.createDirectories(folder.resolve("native")), folder.resolve("root")));
        assertTrue(String.valueOf(failure.getMessage()).contains("is for another architecture than image.arch="),
                failure.getMessage());
    }

    @Test
    void aLibraryThatTheSystemLacksIsNamedWithTheFileThatNeedsIt() {
        IllegalStateException failure = assertThrows(IllegalStateException.class,
                () -> CLibrary.copy(Architecture.host(), folder, Path.of(System.getProperty("java.home")),
                        Files.createDirectories(folder.resolve("native")), folder.resolve("root")));
        assertTrue(
                String.valueOf(failure.getMessage())
                        .matches("image\\.sysroot is \\S+, which has no lib\\S+, needed by /\\S+"),
                failure.getMessage());
    }

    @Test
    void jarsWithNothingButLibrariesOfOthersAreLeftOut() throws IOException {
        String own = "META-INF/native/libx_" + Architecture.host().nettySuffix + ".so";
        String other = "META-INF/native/libx_" + OTHER.nettySuffix + ".so";

        assertTrue(leftOut(other, "META-INF/versions/11/module-info.class"));
        assertFalse(leftOut(own));
        assertFalse(leftOut(own, other));
        assertFalse(leftOut(other, "Program.class"));
        assertFalse(leftOut("Program.class"));
        assertFalse(leftOut("notes.txt"));
    }

    private boolean leftOut(String... entries) throws IOException {
        Path jar = folder.resolve("some.jar");
        try (OutputStream file = Files.newOutputStream(jar); ZipOutputStream zip = new ZipOutputStream(file)) {
            for (String entry : entries) {
                zip.putNextEntry(new ZipEntry(entry));
            }
        }
        return NativeLibraries.onlyForOthers(jar, Architecture.host());
    }
}
