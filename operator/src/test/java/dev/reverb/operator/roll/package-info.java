@NullMarked
package dev.reverb.operator.roll;

import org.jspecify.annotations.NullMarked;
