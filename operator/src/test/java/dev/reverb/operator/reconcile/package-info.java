@NullMarked
package dev.reverb.operator.reconcile;

import org.jspecify.annotations.NullMarked;
