package dev.reverb.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.App;
import dev.reverb.server.app.AppChange;
import dev.reverb.server.config.live.ReloadStatus;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Applications follow their file within a second, whatever way the file changes. */
@Isolated("a second is due from change to effect: nothing else may take the machine meanwhile")
final class LiveSettingsTest {
    private final BlockingQueue<AppChange> changes = new LinkedBlockingQueue<>();

    @TempDir
    Path folder;

    private Settings settings = Settings.read(Map.of(), Optional.empty(), Overrides.none());

    @AfterEach
    void close() {
        settings.close();
    }

    @Test
    void anApplicationAddedChangedAndRemovedIsInForceWithinASecond() throws Exception {
        Path file = start("apps: [" + app("a", "s") + "]");

        Files.writeString(file, "apps: [" + app("a", "s") + ", " + app("b", "s") + "]");
        assertEquals("b", assertInstanceOf(AppChange.Added.class, next()).app().id());
        assertNotNull(settings.apps().byId("b"));

        Files.writeString(file, "apps: [" + app("a", "s") + ", " + app("b", "t") + "]");
        AppChange.Changed changed = assertInstanceOf(AppChange.Changed.class, next());
        assertEquals(List.of("s"), changed.before().secrets());
        assertEquals(List.of("t"), changed.after().secrets());

        Files.writeString(file, "apps: [" + app("b", "t") + "]");
        assertEquals("a", assertInstanceOf(AppChange.Removed.class, next()).app().id());
        assertNull(settings.apps().byId("a"));
        assertNull(settings.apps().byKey("key-a"));
        await(() -> settings.reloads().reloads() == 3);
    }

    @Test
    void aFileRenamedOverTheOldOneIsSeen() throws Exception {
        Path file = start("apps: [" + app("a", "s") + "]");

        Path next = Files.writeString(folder.resolve("next"), "apps: [" + app("b", "s") + "]");
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

        assertInstanceOf(AppChange.Removed.class, next());
        assertInstanceOf(AppChange.Added.class, next());
    }

    @Test
    void aMountedSecretWhoseDataFolderIsSwappedIsSeen() throws Exception {
        Path one = Files.createDirectory(folder.resolve("..2026_01"));
        Path two = Files.createDirectory(folder.resolve("..2026_02"));
        Files.writeString(one.resolve("reverb.yaml"), "apps: [" + app("a", "s") + "]");
        Files.writeString(two.resolve("reverb.yaml"), "apps: [" + app("a", "t") + "]");
        Files.createSymbolicLink(folder.resolve("..data"), one.getFileName());
        Path file = Files.createSymbolicLink(folder.resolve("reverb.yaml"), Path.of("..data/reverb.yaml"));
        load(file);

        Files.createSymbolicLink(folder.resolve("..data_tmp"), two.getFileName());
        Files.move(folder.resolve("..data_tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

        assertEquals(List.of("t"), assertInstanceOf(AppChange.Changed.class, next()).after().secrets());
    }

    @Test
    void theDigestIsThatOfTheFileInForceAlsoWhileTheWrittenOneIsRefused() throws Exception {
        Path file = start("apps: [" + app("a", "s") + "]");
        Optional<String> first = settings.apps().state().digest();

        Files.writeString(file, "apps: [" + app("a", "s") + ", {app_id: b}]");
        awaitProblem("key and secret are missing");
        Optional<String> inPart = settings.apps().state().digest();
        assertNotEquals(first, inPart);

        Files.writeString(file, "apps: no list");
        awaitProblem("a list of applications is expected");
        assertEquals(inPart, settings.apps().state().digest());
    }

    @Test
    void aFileDeletedAndMadeAnewIsSeenAndItsAbsenceChangesNothing() throws Exception {
        Path file = start("apps: [" + app("a", "s") + "]");

        Files.delete(file);
        awaitProblem("is not there");
        assertNotNull(settings.apps().byId("a"));

        Files.writeString(file, "apps: [" + app("a", "s") + ", " + app("b", "s") + "]");
        assertInstanceOf(AppChange.Added.class, next());
        await(() -> settings.reloads().problem().isEmpty());
    }

    @Test
    void aWrongChangeKeepsWhatIsInForceAndIsCounted() throws Exception {
        Path file = start("apps: [" + app("a", "s") + "]");
        App before = settings.apps().byId("a");

        Files.writeString(file, "apps: [" + app("a", "s") + ", {app_id: b}]");
        awaitProblem("key and secret are missing");
        assertEquals(before, settings.apps().byId("a"));
        assertEquals(1, settings.reloads().failures());

        Files.writeString(file, "apps: [" + app("b", "s") + "]");
        assertInstanceOf(AppChange.Removed.class, next());
        assertInstanceOf(AppChange.Added.class, next());
        await(() -> settings.reloads().equals(new ReloadStatus(1, 1, Optional.empty())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"# written by a program that has not gone on yet\n", "server: {port: 8080}\n", "{}"})
    void aFileThatNoLongerSaysWhichApplicationsThereAreChangesNothing(String content) throws Exception {
        Path file = start("apps: [" + app("a", "s") + "]");

        Files.writeString(file, content);

        awaitProblem("apps: []");
        assertNotNull(settings.apps().byId("a"));
        assertEquals(1, settings.apps().all().size());
        Files.writeString(file, "apps: []");
        assertInstanceOf(AppChange.Removed.class, next());
    }

    @Test
    void anEmptyFileRemovesNothing() throws Exception {
        Path file = start("apps: [" + app("a", "s") + "]");

        Files.writeString(file, "");

        awaitProblem("is empty");
        assertNotNull(settings.apps().byId("a"));
    }

    @Test
    void anotherValueOfTheSameLengthIsSeen() throws Exception {
        Path file = start("apps: [" + app("a", "secret-1") + "]");
        long quickest = Long.MAX_VALUE;
        for (int i = 2; i < 6; i++) {
            Files.writeString(file, "apps: [" + app("a", "secret-" + i) + "]");
            long written = System.nanoTime();
            assertEquals(List.of("secret-" + i), assertInstanceOf(AppChange.Changed.class, next()).after().secrets());
            quickest = Math.min(quickest, System.nanoTime() - written);
        }
        assertTrue(quickest < TimeUnit.SECONDS.toNanos(1), "seen after " + quickest + " ns");
    }

    @Test
    void aListenerThatFailsHidesNothingFromTheOthers() throws Exception {
        Path file = write("apps: []");
        settings = Settings.load(Map.of(), Optional.of(file), Overrides.none());
        settings.apps().onChange(change -> {
            throw new IllegalStateException("broken");
        });
        settings.apps().onChange(changes::add);

        Files.writeString(file, "apps: [" + app("a", "s") + "]");

        assertInstanceOf(AppChange.Added.class, next());
    }

    @Test
    void theApplicationOfTheEnvironmentStaysWhenTheFileChanges() throws Exception {
        Path file = write("apps: [" + app("a", "s") + "]");
        settings = Settings.load(Map.of("REVERB_APP_ID", "e", "REVERB_APP_KEY", "k", "REVERB_APP_SECRET", "s"),
                Optional.of(file), Overrides.none());
        settings.apps().onChange(changes::add);

        Files.writeString(file, "apps: []");

        assertEquals("a", assertInstanceOf(AppChange.Removed.class, next()).app().id());
        assertEquals(1, settings.apps().all().size());
        assertNotNull(settings.apps().byId("e"));
    }

    private AppChange next() throws InterruptedException {
        AppChange change = changes.poll(10, TimeUnit.SECONDS);
        assertNotNull(change, "no change within ten seconds; " + settings.reloads());
        return change;
    }

    private void awaitProblem(String text) {
        await(() -> settings.reloads().problem().orElse("").contains(text));
    }

    private void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within ten seconds; " + settings.reloads());
            LockSupport.parkNanos(1_000_000);
        }
    }

    private Path start(String yaml) throws IOException {
        Path file = write(yaml);
        load(file);
        return file;
    }

    private void load(Path file) {
        settings = Settings.load(Map.of(), Optional.of(file), Overrides.none());
        settings.apps().onChange(changes::add);
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("reverb.yaml"), yaml);
    }

    private static String app(String id, String secret) {
        return "{app_id: " + id + ", key: key-" + id + ", secret: " + secret + "}";
    }
}
