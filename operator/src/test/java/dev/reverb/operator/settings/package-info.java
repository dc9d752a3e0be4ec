@NullMarked
package dev.reverb.operator.settings;

import org.jspecify.annotations.NullMarked;
