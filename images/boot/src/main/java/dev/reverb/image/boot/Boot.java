package dev.reverb.image.boot;

import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts the program named by {@code -Dreverb.image.main}, after comparing the class path with
 * {@code -Dreverb.image.jars}, its {@linkplain ClassPathKey key} when the image was built. Exit code 78
 * ({@code EX_CONFIG}) when they differ.
 */
public final class Boot {

    static final String MAIN = "reverb.image.main";
    static final String JARS = "reverb.image.jars";
    /** Value of {@link #JARS} that checks nothing, for a start without the cache and for the training itself. */
    static final String ANY = "any";

    private static final int EX_CONFIG = 78;

    private Boot() {}

    /**
     * Runs the program on the calling thread.
     *
     * @param args the program's own
     * @throws Throwable whatever the program's {@code main} throws
     */
    public static void main(String[] args) throws Throwable {
        String main = System.getProperty(MAIN);
        if (main == null) {
            throw new IllegalStateException("-D" + MAIN + "=CLASS is missing: say which class to start");
        }
        String expected = System.getProperty(JARS, ANY);
        if (!expected.equals(ANY)) {
            String found = ClassPathKey.of(classPath());
            if (!found.equals(expected)) {
                System.err.println("The jars on the class path (" + found
                        + ") are not those that the AOT cache was trained " + "with (" + expected
                        + "), so old classes would run. Build the image again, or start without the "
                        + "cache: _JAVA_OPTIONS=\"-XX:AOTMode=off -D" + JARS + "=" + ANY + "\"");
                System.exit(EX_CONFIG);
            }
        }
        MethodHandles.publicLookup()
                .findStatic(Class.forName(main), "main", MethodType.methodType(void.class, String[].class))
                .invokeExact(args);
    }

    private static List<Path> classPath() throws IOException {
        List<Path> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            jars.add(Path.of(entry));
        }
        return jars;
    }
}
