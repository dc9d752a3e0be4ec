/**
 * Where values come from: the YAML file and how it is watched, the environment, {@code .env}, Laravel's configuration,
 * flags. Gives values with the place where each stands and judges none. Called from the thread that reads settings.
 */
@NullMarked
package dev.reverb.server.config.source;

import org.jspecify.annotations.NullMarked;
