/**
 * What a client that returns has missed: what it says it has, what there is, and what follows from both. Values in,
 * values out; any thread. Protocol: {@code docs/resume.md}; why: {@code docs/decisions/0012-resume.md}.
 */
@NullMarked
package dev.reverb.server.resume;

import org.jspecify.annotations.NullMarked;
