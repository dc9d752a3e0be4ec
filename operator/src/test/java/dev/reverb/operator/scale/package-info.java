@NullMarked
package dev.reverb.operator.scale;

import org.jspecify.annotations.NullMarked;
