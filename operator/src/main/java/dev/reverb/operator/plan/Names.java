package dev.reverb.operator.plan;

import java.util.Set;

/**
 * Names of a cluster's objects.
 *
 * @param cluster the ReverbCluster's own
 */
public record Names(String cluster) {
    /** Suffixes of the cluster's own Secrets, which an application's Secret must not take. */
    public static final Set<String> RESERVED = Set.of("config", "redis", "tls");

    /** StatefulSet, client Service, ServiceAccount, Ingress, HTTPRoute, autoscaler, budget, policy, monitor. */
    public String server() {
        return cluster;
    }

    /** The headless Service, which gives every server a name. */
    public String nodes() {
        return cluster + "-nodes";
    }

    /** The Service of the HTTP API, where it is apart from clients. */
    public String api() {
        return cluster + "-api";
    }

    /** The aggregate Secret with all applications. */
    public String config() {
        return cluster + "-config";
    }

    /** StatefulSet, Service, Secret and policy of the managed Redis. */
    public String redis() {
        return cluster + "-redis";
    }

    /** Secret and Certificate of cert-manager. */
    public String tls() {
        return cluster + "-tls";
    }

    /** The dashboard's ConfigMap. */
    public String dashboard() {
        return cluster + "-dashboard";
    }

    /** The generated Secret of the application {@code id}. */
    public String app(String id) {
        return cluster + "-" + id;
    }
}
