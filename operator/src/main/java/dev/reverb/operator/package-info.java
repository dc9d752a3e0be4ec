/**
 * The operator's process: it reads its settings, starts the controllers and serves its health. Started by the main
 * thread; {@link dev.reverb.operator.ReverbOperator} is the entry for whoever embeds it.
 */
@NullMarked
package dev.reverb.operator;

import org.jspecify.annotations.NullMarked;
