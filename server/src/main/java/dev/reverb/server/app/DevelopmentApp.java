package dev.reverb.server.app;

import java.util.random.RandomGenerator;

/**
 * Credentials of the application that a server makes for itself when nothing is configured. Random at every start, so
 * that nobody goes live with them by accident.
 */
public record DevelopmentApp(String id, String key, String secret) {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

    /** New credentials in the form that Laravel Reverb's installer gives them. */
    public static DevelopmentApp random(RandomGenerator random) {
        return new DevelopmentApp(Integer.toString(random.nextInt(100_000, 1_000_000)), text(random), text(random));
    }

    private static String text(RandomGenerator random) {
        StringBuilder text = new StringBuilder(20);
        for (int i = 0; i < 20; i++) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return "DevelopmentApp[" + id + "]";
    }
}
