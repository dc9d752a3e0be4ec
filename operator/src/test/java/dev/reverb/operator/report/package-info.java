@NullMarked
package dev.reverb.operator.report;

import org.jspecify.annotations.NullMarked;
