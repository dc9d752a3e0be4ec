package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** TLS ended by the servers. */
// @formatter:off
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.secretName) || has(self.issuerRef)",
        message = "write tls.secretName for a certificate that exists, or tls.issuerRef for one from cert-manager")
public record TlsSpec(
        @JsonPropertyDescription(
                "A Secret with tls.crt and tls.key; with issuerRef the one that cert-manager writes, CLUSTER-tls "
                        + "by default.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Cel.NAME, message = Cel.NAME_MESSAGE)
        @Nullable String secretName,

        @JsonPropertyDescription("A cert-manager issuer.")
        @Nullable IssuerRef issuerRef,

        @JsonPropertyDescription("Names in the certificate of issuerRef; the Service's and the public host by default.")
        @Size(max = 50)
        @ValidationRule(value = Cel.HOSTS, message = Cel.HOSTS_MESSAGE)
        @Nullable List<String> dnsNames) {}
// @formatter:on
