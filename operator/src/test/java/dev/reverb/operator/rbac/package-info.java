@NullMarked
package dev.reverb.operator.rbac;

import org.jspecify.annotations.NullMarked;
