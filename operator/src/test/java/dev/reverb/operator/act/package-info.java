@NullMarked
package dev.reverb.operator.act;

import org.jspecify.annotations.NullMarked;
