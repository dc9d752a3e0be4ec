package dev.reverb.model.read;

import dev.reverb.model.AppCatalogue;
import dev.reverb.model.History;
import dev.reverb.model.HistoryRule;
import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.ConfigNode.Sequence;
import dev.reverb.model.setting.FileKeys;
import dev.reverb.model.setting.Given;
import dev.reverb.model.setting.Place;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingProblem;
import dev.reverb.model.setting.SettingType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Reads an application's {@code history:} list. */
public final class HistoryReader {
    static final Setting<String> CHANNELS = Setting.optional("channels", "",
            SettingType.text(Pattern.compile("\\S{1,200}"), "up to 200 characters of a channel name, with * wildcards"),
            "The channels that keep their messages, such as `orders.*`; of several rules the first that matches holds."
                    + " Required.");
    static final Setting<Integer> COUNT = Setting.of("count", "", SettingType.number(1, 10_000), "100",
            "Messages of one channel that are kept.");
    static final Setting<Duration> AGE = Setting.of("age", "",
            SettingType.duration(Duration.ofSeconds(1), Duration.ofDays(1)), "5m", "How long a message is kept.");
    static final Setting<Integer> BYTES = Setting.of("bytes", "", SettingType.size(1_024, 16 << 20), "1MiB",
            "Bytes of one channel's messages that are kept; the newest message always is.");
    /** The catalogue of one rule. */
    public static final List<Setting<?>> ALL = List.of(CHANNELS, COUNT, AGE, BYTES);

    private static final int MOST_RULES = 100;

    private final Place place;
    private final Consumer<SettingProblem> problems;

    HistoryReader(Place place, Consumer<SettingProblem> problems) {
        this.place = place;
        this.problems = problems;
    }

    /** The rules of {@code app} that can be used; what is wrong with the others goes to the problems. */
    History read(Mapping app) {
        ConfigNode node = app.entries().get(AppCatalogue.HISTORY);
        switch (node) {
            case null -> {
                return History.NONE;
            }
            case Scalar(String text, int _) when text.isEmpty() -> {
                return History.NONE;
            }
            case Sequence sequence when sequence.items().size() <= MOST_RULES -> {
                List<HistoryRule> rules = new ArrayList<>();
                for (int i = 0; i < sequence.items().size(); i++) {
                    rule(AppCatalogue.HISTORY + "[" + i + "]", sequence.items().get(i)).ifPresent(rules::add);
                }
                return rules.isEmpty() ? History.NONE : new History(rules);
            }
            case Sequence sequence -> refuse(AppCatalogue.HISTORY, node,
                    sequence.items().size() + " rules are not allowed; allowed are up to " + MOST_RULES);
            case Scalar _,Mapping _ -> refuse(AppCatalogue.HISTORY, node, "a list is expected, each with channels");
        }
        return History.NONE;
    }

    private Optional<HistoryRule> rule(String path, ConfigNode item) {
        Given given = new Given(problems);
        switch (item) {
            case Mapping mapping -> new FileKeys(place, path, ALL, Set.of(), Map.of()).read(mapping, given);
            case Scalar scalar -> given.put(CHANNELS, scalar, path, place.of(path, scalar.line()));
            case Sequence _ -> {
                refuse(path, item, "a rule with channels is expected");
                return Optional.empty();
            }
        }
        if (!given.has(CHANNELS)) {
            refuse(path, item, "channels is missing");
        }
        int count = given.get(COUNT);
        Duration age = given.get(AGE);
        int bytes = given.get(BYTES);
        return given.find(CHANNELS).map(channels -> new HistoryRule(channels, count, age, bytes));
    }

    private void refuse(String path, ConfigNode node, String reason) {
        problems.accept(new SettingProblem(path, place.of(path, node.line()), reason));
    }
}
