package dev.reverb.bench.load;

/**
 * The application that the load speaks to.
 *
 * @param id its id in the HTTP API's path
 * @param key its public key
 * @param secret what requests are signed with
 */
public record Credentials(String id, String key, String secret) {}
