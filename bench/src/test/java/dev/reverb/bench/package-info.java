/** Tests of the report: pure, on the test's thread. */
@NullMarked
package dev.reverb.bench;

import org.jspecify.annotations.NullMarked;
