/** Tests of the operator, against a real API server where there is something to talk to. */
@NullMarked
package dev.reverb.operator;

import org.jspecify.annotations.NullMarked;
