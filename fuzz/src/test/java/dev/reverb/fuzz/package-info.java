/**
 * Fuzz tests: one class for each reader of bytes that come from outside, one test a class. Coverage guides the search;
 * a finding is written to {@code src/test/resources} and runs as a regression from then on.
 */
@NullMarked
package dev.reverb.fuzz;

import org.jspecify.annotations.NullMarked;
