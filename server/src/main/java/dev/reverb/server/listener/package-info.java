/**
 * The five events that code can listen to, as in Laravel Reverb, as a Java SPI. Listeners run on a thread of their own,
 * never on an event loop; with none installed nothing is made for them.
 */
@NullMarked
package dev.reverb.server.listener;

import org.jspecify.annotations.NullMarked;
