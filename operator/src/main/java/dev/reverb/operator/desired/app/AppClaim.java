package dev.reverb.operator.desired.app;

import dev.reverb.operator.plan.AppOwner;
import java.util.Optional;

/**
 * An application that a resource asks the cluster to serve.
 *
 * @param owner the resource
 * @param id in HTTP API paths
 * @param idAllowed whether the owner may have an id of this form when it does not have it yet
 * @param wanted the application; empty while its Secret is missing or its settings are refused, in which case the entry
 *     that is in force stays
 */
public record AppClaim(AppOwner owner, String id, boolean idAllowed, Optional<ServedApp> wanted) {}
