/**
 * How clients from outside reach the servers: Ingress and HTTPRoute; and all objects of kinds that other projects
 * define. Pure functions; any thread may call them.
 */
@NullMarked
package dev.reverb.operator.desired.exposure;

import org.jspecify.annotations.NullMarked;
