@NullMarked
package dev.reverb.operator.plan;

import org.jspecify.annotations.NullMarked;
