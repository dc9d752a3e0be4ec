package dev.reverb.crd.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One CustomResourceDefinition as it is shipped. The generator reads a record's component twice, as field and as
 * accessor, and so writes its rules twice; it sorts printer columns by path; and it has no annotation for categories,
 * list types and bounds of elements, which {@link SchemaAmendments} holds. This puts these right and changes nothing
 * else.
 */
public final class CrdManifest {
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build());
    private static final List<Class<?>> KINDS = List.of(ReverbCluster.class, ReverbApp.class);

    private CrdManifest() {}

    /**
     * Writes the manifests of the folder {@code args[0]} to the folder {@code args[1]}.
     *
     * @throws IOException when a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        Path output = Path.of(args[1]);
        Files.createDirectories(output);
        for (Class<?> kind : KINDS) {
            String name = plural(kind) + ".reverb.dev";
            String generated = Files.readString(Path.of(args[0], name + "-v1.yml"));
            Files.writeString(output.resolve(name + ".yaml"), shipped(generated, kind));
        }
    }

    /**
     * The shipped form of {@code generated}, the definition of {@code kind}.
     *
     * @throws IOException when it is not YAML
     */
    static String shipped(String generated, Class<?> kind) throws IOException {
        JsonNode definition = YAML.readTree(generated);
        for (JsonNode version : definition.path("spec").path("versions")) {
            order((ObjectNode) version, kind);
            SchemaAmendments.apply((ObjectNode) version.at("/schema/openAPIV3Schema"), kind.getSimpleName());
        }
        ((ObjectNode) definition.at("/spec/names")).putArray("categories").add("reverb");
        singleRules(definition);
        return "# Generated from dev.reverb.crd by the build; `-Dcrds.output=crds/manifests` writes it here.\n"
                + YAML.writeValueAsString(definition);
    }

    private static void order(ObjectNode version, Class<?> kind) {
        List<String> declared = Arrays.stream(kind.getAnnotationsByType(AdditionalPrinterColumn.class))
                .map(AdditionalPrinterColumn::name)
                .toList();
        List<JsonNode> columns = new ArrayList<>();
        version.path("additionalPrinterColumns").forEach(columns::add);
        columns.sort(Comparator.comparingInt(column -> declared.indexOf(column.path("name").asText())));
        version.putArray("additionalPrinterColumns").addAll(columns);
    }

    private static void singleRules(JsonNode node) {
        if (node instanceof ObjectNode object && object.get("x-kubernetes-validations") instanceof ArrayNode rules) {
            Set<JsonNode> distinct = new LinkedHashSet<>();
            rules.forEach(distinct::add);
            object.putArray("x-kubernetes-validations").addAll(distinct);
        }
        node.forEach(CrdManifest::singleRules);
    }

    private static String plural(Class<?> kind) {
        return kind == ReverbCluster.class ? "reverbclusters" : "reverbapps";
    }
}
