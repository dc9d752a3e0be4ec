/**
 * What the operator is allowed: the catalogue that roles are written from, and nothing beyond it is used. Values only;
 * read by the build and by tests.
 */
@NullMarked
package dev.reverb.operator.rbac;

import org.jspecify.annotations.NullMarked;
