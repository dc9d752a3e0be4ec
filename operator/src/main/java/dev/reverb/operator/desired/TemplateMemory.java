package dev.reverb.operator.desired;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * What a StatefulSet, of the servers or of Redis, remembers of pod templates in its annotations: the last one that all
 * its pods ran and were ready with, and the one that failed and was taken back. Pure.
 *
 * @param good the last good template as JSON; empty when none is known, or it is too large for an annotation
 * @param failed digest of the template that failed; empty when none was taken back
 * @param cause why it failed, in one line
 */
public record TemplateMemory(Optional<String> good, Optional<String> failed, Optional<String> cause) {
    /** Characters; all annotations of an object together have at most 256 KiB. */
    private static final int LARGEST = 100_000;
    private static final JsonMapper JSON = new JsonMapper();

    /** What {@code annotations} of the StatefulSet say. */
    public static TemplateMemory of(Map<String, String> annotations) {
        return new TemplateMemory(Optional.ofNullable(annotations.get(Labels.GOOD_TEMPLATE)),
                Optional.ofNullable(annotations.get(Labels.FAILED_TEMPLATE)),
                Optional.ofNullable(annotations.get(Labels.FAILURE)));
    }

    /** Writes it into {@code annotations}. */
    public void write(Map<String, String> annotations) {
        good.ifPresent(text -> annotations.put(Labels.GOOD_TEMPLATE, text));
        failed.ifPresent(digest -> annotations.put(Labels.FAILED_TEMPLATE, digest));
        cause.ifPresent(text -> annotations.put(Labels.FAILURE, text));
    }

    /** The last good template; empty when none is known or somebody wrote over it. */
    public Optional<PodTemplateSpec> template() {
        return good.flatMap(text -> {
            try {
                return Optional.of(JSON.readValue(text, PodTemplateSpec.class));
            } catch (JsonProcessingException _) {
                return Optional.empty();
            }
        });
    }

    /** Whether the template of {@code digest} failed and was taken back. */
    public boolean tookBack(String digest) {
        return failed.filter(digest::equals).isPresent() && template().isPresent();
    }

    /** All pods are ready with {@code template}. */
    public TemplateMemory proved(PodTemplateSpec template) {
        try {
            String text = JSON.writeValueAsString(template);
            return new TemplateMemory(text.length() > LARGEST ? Optional.empty() : Optional.of(text), Optional.empty(),
                    Optional.empty());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The template of {@code digest} failed for {@code why} and is taken back. */
    public TemplateMemory failed(String digest, String why) {
        return new TemplateMemory(good, Optional.of(digest), Optional.of(why));
    }

    /** Another template is tried. */
    public TemplateMemory anew() {
        return new TemplateMemory(good, Optional.empty(), Optional.empty());
    }
}
