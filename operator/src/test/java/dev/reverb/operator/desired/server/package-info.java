@NullMarked
package dev.reverb.operator.desired.server;

import org.jspecify.annotations.NullMarked;
