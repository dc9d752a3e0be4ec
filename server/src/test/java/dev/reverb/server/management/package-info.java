@NullMarked
package dev.reverb.server.management;

import org.jspecify.annotations.NullMarked;
