@NullMarked
package dev.reverb.operator.observe;

import org.jspecify.annotations.NullMarked;
