package dev.reverb.server.config.source;

import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.ConfigNode.Sequence;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.model.setting.Shown;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads a YAML 1.2 file (JSON is YAML too) into {@linkplain ConfigNode nodes} that know their line. Scalars stay text,
 * so that no id, key or secret is ever mistaken for a number.
 *
 * <p>A file is input like any other. It is read event by event, so that a document that is too deep or too large is
 * refused where it becomes so, whatever follows: at most {@value #MAX_DEPTH} levels and {@value #MAX_NODES} values,
 * where an alias counts as often as what it stands for.
 */
public final class ConfigDocument {
    /** Bytes of a file: several times what thousands of applications take. */
    public static final int MAX_BYTES = 4 << 20;
    /** Deeper than any setting. */
    private static final int MAX_DEPTH = 16;
    /** Keys and values together; 10,000 applications with ten settings each are 200,000. */
    private static final int MAX_NODES = 400_000;

    private final String name;
    private final Iterator<Event> events;
    private final LoadSettings settings;
    private final Map<String, Anchored> anchors = new HashMap<>();
    private int nodes;

    /** What an alias stands for, and how many nodes that is; not there yet while it is being read. */
    private record Anchored(@Nullable ConfigNode node, int nodes) {}

    private ConfigDocument(String name, String text) {
        this.name = name;
        settings = LoadSettings.builder().setLabel(name).setCodePointLimit(MAX_BYTES).build();
        events = new Parse(settings).parseString(text).iterator();
    }

    /**
     * The document in {@code bytes}; without keys when the file holds none.
     *
     * @param name what errors call the file
     * @throws SettingsException when it is not UTF-8, not YAML, not keys and values, or too large
     */
    public static Mapping parse(String name, byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new SettingsException(name + ": not valid UTF-8"
                    + (utf16(bytes) ? ", but UTF-16, as some editors write" : "") + "; allowed is a file in UTF-8");
        }
        Optional<ConfigNode> root;
        try {
            root = new ConfigDocument(name, text).document();
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            String problem = String.valueOf(e.getProblem());
            throw new SettingsException(name + ":" + line + ": not valid YAML: " + problem + hint(problem));
        } catch (YamlEngineException e) {
            throw new SettingsException(name + ": not valid YAML: " + e.getMessage());
        }
        ConfigNode node = root.orElse(null);
        return switch (node) {
            case null -> new Mapping(Map.of(), 1);
            case Mapping mapping -> mapping;
            case Scalar(String written, int _) when written.isEmpty() -> new Mapping(Map.of(), 1);
            case Scalar _,Sequence _ ->
                throw new SettingsException(name + ":1: keys and values are expected, such as apps:"
                        + (text.matches("(?s)(?:.*\\n)?\\s*(?:export )?[A-Z][A-Z0-9_]*=.*")
                                ? "; lines of NAME=value are variables, which belong into the environment, or into "
                                        + "reverb.env in a folder that --service names"
                                : ""));
        };
    }

    /** Whether the text begins with the mark of UTF-16, in either order of bytes. */
    private static boolean utf16(byte[] bytes) {
        int mark = bytes.length < 2 ? 0 : ((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff);
        return mark == 0xfeff || mark == 0xfffe;
    }

    /** What the parser's words mostly come from. */
    private static String hint(String problem) {
        if (problem.contains("<block end>") || problem.contains("<document start>")) {
            return "; is this line indented as its neighbours are?";
        }
        if (problem.contains("mapping values are not allowed")) {
            return "; a value that holds \": \" stands in quotes, and keys of one section begin in one column";
        }
        if (problem.contains("<stream end>") || problem.contains("unexpected end of stream")) {
            return "; a bracket or a quote is opened and not closed";
        }
        if (problem.contains("expected ',' or '")) {
            return "; a comma is missing, or a value that holds one of { } [ ] , stands in quotes";
        }
        return problem.contains("that cannot start any token") && !problem.contains("TAB")
                ? "; a value that begins so stands in quotes"
                : "";
    }

    private Optional<ConfigNode> document() {
        Optional<ConfigNode> root = Optional.empty();
        while (events.hasNext()) {
            Event event = events.next();
            switch (event.getEventId()) {
                case StreamStart, DocumentStart, DocumentEnd, StreamEnd, Comment -> {
                }
                default -> {
                    if (root.isPresent()) {
                        throw new SettingsException(
                                name + ":" + line(event) + ": a second document; allowed is one in a file");
                    }
                    root = Optional.of(node(event, 0));
                }
            }
        }
        return root;
    }

    private ConfigNode node(Event event, int depth) {
        int line = line(event);
        if (depth > MAX_DEPTH) {
            throw new SettingsException(name + ":" + line + ": nested deeper than any setting");
        }
        if (event instanceof AliasEvent alias) {
            return aliased(alias, line);
        }
        count(1, line);
        Optional<String> anchor = event instanceof NodeEvent node ? node.getAnchor().map(Anchor::getValue)
                : Optional.empty();
        anchor.ifPresent(own -> anchors.put(own, new Anchored(null, 0)));
        int before = nodes;
        ConfigNode node = switch (event) {
            case ScalarEvent scalar -> new Scalar(isNull(scalar) ? "" : scalar.getValue(), line);
            case SequenceStartEvent _ -> {
                List<ConfigNode> items = new ArrayList<>();
                for (Event next = events.next(); next.getEventId() != Event.ID.SequenceEnd; next = events.next()) {
                    items.add(node(next, depth + 1));
                }
                yield new Sequence(items, line);
            }
            case MappingStartEvent _ -> mapping(depth, line);
            default -> throw new SettingsException(name + ":" + line + ": not a value, a list or keys and values");
        };
        anchor.ifPresent(own -> anchors.put(own, new Anchored(node, nodes - before + 1)));
        return node;
    }

    private ConfigNode aliased(AliasEvent alias, int line) {
        Anchored anchored = alias.getAnchor().map(Anchor::getValue).map(anchors::get).orElse(null);
        if (anchored == null) {
            throw new SettingsException(name + ":" + line + ": an alias whose anchor is not above it");
        }
        ConfigNode node = anchored.node();
        if (node == null) {
            throw new SettingsException(
                    name + ":" + line + ": an alias inside its own anchor is" + " nested deeper than any setting");
        }
        count(anchored.nodes(), line);
        return node;
    }

    private void count(int more, int line) {
        nodes += more;
        if (nodes > MAX_NODES) {
            throw new SettingsException(name + ":" + line + ": more than " + MAX_NODES
                    + " keys and values, counting what aliases stand for");
        }
    }

    private Mapping mapping(int depth, int line) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        for (Event next = events.next(); next.getEventId() != Event.ID.MappingEnd; next = events.next()) {
            int keyLine = line(next);
            if (!(next instanceof ScalarEvent key)) {
                throw new SettingsException(name + ":" + keyLine + ": a key must be plain text");
            }
            count(1, keyLine);
            if (entries.containsKey(key.getValue())) {
                throw new SettingsException(
                        name + ":" + keyLine + ": the key " + Shown.quoted(key.getValue()) + " stands there twice");
            }
            ConfigNode value = node(events.next(), depth + 1);
            // an error about a whole section should name the line of its key, not of its first value
            entries.put(key.getValue(),
                    value instanceof Mapping section ? new Mapping(section.entries(), keyLine) : value);
        }
        return new Mapping(entries, line);
    }

    private boolean isNull(ScalarEvent scalar) {
        String tag = scalar.getTag().orElse("");
        return tag.isEmpty()
                ? Tag.NULL.equals(settings.getSchema().getScalarResolver().resolve(scalar.getValue(), scalar.isPlain()))
                : tag.equals(Tag.NULL.getValue());
    }

    private static int line(Event event) {
        return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }
}
