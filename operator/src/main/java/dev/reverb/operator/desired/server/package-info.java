/**
 * The servers: pod template and StatefulSet, and the objects beside them that every cluster may have. Pure functions;
 * any thread may call them.
 */
@NullMarked
package dev.reverb.operator.desired.server;

import org.jspecify.annotations.NullMarked;
