package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The ingress controller whose annotations for WebSockets are written. */
public enum IngressProfile {
    @JsonProperty("ingress-nginx")
    INGRESS_NGINX("ingress-nginx"), @JsonProperty("nginx-inc")
    NGINX_INC("nginx-inc"), @JsonProperty("haproxy-tech")
    HAPROXY_TECH("haproxy-tech"), @JsonProperty("haproxy-ingress")
    HAPROXY_INGRESS("haproxy-ingress"), @JsonProperty("alb")
    ALB("alb"), @JsonProperty("none")
    NONE("none");

    private final String value;

    IngressProfile(String value) {
        this.value = value;
    }

    /** As it is written in a resource. */
    public String value() {
        return value;
    }
}
