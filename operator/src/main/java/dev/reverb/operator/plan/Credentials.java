package dev.reverb.operator.plan;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What an application is known by.
 *
 * @param key public
 * @param secret signs
 * @param previousSecrets still accepted while {@code secret} is being rotated
 */
public record Credentials(String key, String secret, List<String> previousSecrets) {
    public static final String ID = "REVERB_APP_ID";
    public static final String KEY = "REVERB_APP_KEY";
    public static final String SECRET = "REVERB_APP_SECRET";
    public static final String PREVIOUS_SECRETS = "REVERB_APP_PREVIOUS_SECRETS";
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

    public Credentials {
        previousSecrets = List.copyOf(previousSecrets);
    }

    /** New ones: 20 characters of key, 40 of secret (206 bits). */
    public static Credentials generate() {
        SecureRandom random = new SecureRandom();
        return new Credentials(text(random, 20), text(random, 40), List.of());
    }

    /** A password of {@code length} lower-case letters and digits. */
    public static String password(int length) {
        return text(new SecureRandom(), length);
    }

    private static String text(RandomGenerator random, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }

    /**
     * Reads a Secret's data, under either spelling of its keys; empty when key or secret is missing or blank.
     *
     * @param data values in base64, as the API has them
     */
    public static Optional<Credentials> read(@Nullable Map<String, String> data) {
        Optional<String> key = value(data, KEY).or(() -> value(data, "key"));
        Optional<String> secret = value(data, SECRET).or(() -> value(data, "secret"));
        List<String> previous = value(data, PREVIOUS_SECRETS).or(() -> value(data, "previousSecrets"))
                .map(list -> Arrays.stream(list.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList())
                .orElse(List.of());
        return key.flatMap(k -> secret.map(s -> new Credentials(k, s, previous)));
    }

    /** The value under {@code key}, without white space at its ends; empty when it is missing or blank. */
    public static Optional<String> value(@Nullable Map<String, String> data, String key) {
        String encoded = data == null ? null : data.get(key);
        if (encoded == null) {
            return Optional.empty();
        }
        String text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    /** As a Secret's data has it. */
    public static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Says nothing, so that it may stand in a log line. */
    @Override
    public String toString() {
        return "Credentials[…]";
    }
}
