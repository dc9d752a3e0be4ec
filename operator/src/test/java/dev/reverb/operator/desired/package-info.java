@NullMarked
package dev.reverb.operator.desired;

import org.jspecify.annotations.NullMarked;
