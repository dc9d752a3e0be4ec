package dev.reverb.operator.desired.redis;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Optional;

/**
 * What was observed and shapes the managed Redis.
 *
 * @param defaultStorageClass whether Kubernetes has a default StorageClass
 * @param claims the volume claims of the StatefulSet that exists, which can never change; empty when none exists
 */
public record RedisFacts(boolean defaultStorageClass, Optional<List<PersistentVolumeClaim>> claims) {}
