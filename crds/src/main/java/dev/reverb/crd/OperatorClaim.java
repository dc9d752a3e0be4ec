package dev.reverb.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** Which operator acts on a cluster. */
@JsonInclude(JsonInclude.Include.NON_NULL)
// @formatter:off
public record OperatorClaim(
        @JsonPropertyDescription("The operator's namespace.")
        @Nullable String namespace,

        @JsonPropertyDescription("When it last said that it acts; another one may take over three minutes later.")
        @Nullable String renewedAt) {}
// @formatter:on
