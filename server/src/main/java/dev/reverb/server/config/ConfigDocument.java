package dev.reverb.server.config;

import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.ConfigNode.Sequence;
import dev.reverb.model.setting.SettingsException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads a YAML 1.2 file (JSON is YAML too) into {@linkplain ConfigNode nodes} that know their line. Scalars stay text,
 * so that no id, key or secret is ever mistaken for a number.
 */
final class ConfigDocument {
    /** Deeper than any setting; an alias inside its own anchor would not end otherwise. */
    private static final int MAX_DEPTH = 16;

    private final String name;

    private ConfigDocument(String name) {
        this.name = name;
    }

    /**
     * The document in {@code bytes}; without keys when the file holds none.
     *
     * @param name what errors call the file
     * @throws SettingsException when it is not UTF-8, not YAML, or not keys and values
     */
    static Mapping parse(String name, byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new SettingsException(name + ": not valid UTF-8");
        }
        Optional<Node> root;
        try {
            root = new Compose(LoadSettings.builder().setLabel(name).build()).composeString(text);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            throw new SettingsException(name + ":" + line + ": not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new SettingsException(name + ": not valid YAML: " + e.getMessage());
        }
        ConfigNode node = root.map(r -> new ConfigDocument(name).convert(r, 0)).orElse(null);
        return switch (node) {
            case null -> new Mapping(Map.of(), 1);
            case Mapping mapping -> mapping;
            case Scalar(String written, int _) when written.isEmpty() -> new Mapping(Map.of(), 1);
            case Scalar _,Sequence _ ->
                throw new SettingsException(name + ":1: keys and values are expected, such as apps:");
        };
    }

    private ConfigNode convert(Node node, int depth) {
        int line = line(node);
        if (depth > MAX_DEPTH) {
            throw new SettingsException(name + ":" + line + ": nested deeper than any setting");
        }
        return switch (node) {
            case ScalarNode scalar -> new Scalar(Tag.NULL.equals(scalar.getTag()) ? "" : scalar.getValue(), line);
            case SequenceNode sequence -> {
                List<ConfigNode> items = new ArrayList<>();
                for (Node item : sequence.getValue()) {
                    items.add(convert(item, depth + 1));
                }
                yield new Sequence(items, line);
            }
            case MappingNode mapping -> convertMapping(mapping, depth);
            default -> throw new SettingsException(name + ":" + line + ": not a value, a list or keys and values");
        };
    }

    private Mapping convertMapping(MappingNode mapping, int depth) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Node keyNode = tuple.getKeyNode();
            if (!(keyNode instanceof ScalarNode key)) {
                throw new SettingsException(name + ":" + line(keyNode) + ": a key must be plain text");
            }
            if (!seen.add(key.getValue())) {
                throw new SettingsException(
                        name + ":" + line(keyNode) + ": the key \"" + key.getValue() + "\" stands there twice");
            }
            ConfigNode value = convert(tuple.getValueNode(), depth + 1);
            // an error about a whole section should name the line of its key, not of its first value
            entries.put(key.getValue(),
                    value instanceof Mapping section ? new Mapping(section.entries(), line(keyNode)) : value);
        }
        return new Mapping(entries, line(mapping));
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }
}
