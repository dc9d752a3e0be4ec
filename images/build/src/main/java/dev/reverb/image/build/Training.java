package dev.reverb.image.build;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * A short life of a program, from which the JVM learns what to keep in the AOT cache. What is not exercised here is
 * loaded
 * and linked as without a cache: slower, never wrong.
 */
interface Training extends AutoCloseable {

    /** Arguments of the program's {@code main}. */
    List<String> arguments();

    /** The program's whole environment. */
    Map<String, String> environment();

    /**
     * Uses the program as its users do, once it is ready; the caller then asks it to stop. Runs on the thread that
     * builds.
     *
     * @param alive whether the program still runs: waiting for one that has ended is in vain
     * @throws IOException when the program does not answer as it should
     */
    void exercise(BooleanSupplier alive) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
