/**
 * What a row measures, and how the processor time and memory of a measured process are read. On the thread of the
 * scenario.
 */
@NullMarked
package dev.reverb.bench.measure;

import org.jspecify.annotations.NullMarked;
