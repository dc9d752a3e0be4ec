package dev.reverb.operator.desired.app;

import dev.reverb.crd.AppSettings;
import dev.reverb.operator.plan.Credentials;

/**
 * An application with everything that a server needs to know of it.
 *
 * @param id in HTTP API paths
 * @param credentials what it is known by
 * @param settings the rest
 */
public record ServedApp(String id, Credentials credentials, AppSettings settings) {}
