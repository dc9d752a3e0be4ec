package dev.reverb.server.api.exchange;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A query in whatever form: decoded, and in the order that signatures want. A percent sequence that is none stands for
 * itself.
 */
final class EncodedQuery implements Query {

    private record Parameter(String key, String value, String rawValue) {}

    private final List<Parameter> parameters;
    /** The same with the elements of an array, {@code a[0]=x&a[1]=y}, joined: {@code a=x,y}; null without arrays. */
    private final @Nullable List<Parameter> joined;

    private EncodedQuery(List<Parameter> parameters) {
        this.parameters = parameters;
        joined = parameters.stream().anyMatch(parameter -> parameter.key.indexOf('[') > 0) ? join(parameters) : null;
    }

    private static List<Parameter> join(List<Parameter> parameters) {
        Map<String, Parameter> byName = new TreeMap<>();
        for (Parameter parameter : parameters) {
            int bracket = parameter.key.indexOf('[');
            String name = bracket > 0 ? parameter.key.substring(0, bracket) : parameter.key;
            byName.merge(name, new Parameter(name, parameter.value, parameter.rawValue),
                    (one, other) -> bracket < 0 ? other
                            : new Parameter(name, one.value + "," + other.value, one.rawValue + "," + other.rawValue));
        }
        return List.copyOf(byName.values());
    }

    static EncodedQuery of(String query) {
        List<Parameter> parameters = new ArrayList<>();
        for (String part : query.split("&")) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                String key = decode(equals < 0 ? part : part.substring(0, equals)).toLowerCase(Locale.ROOT);
                String raw = equals < 0 ? "" : part.substring(equals + 1);
                parameters.add(new Parameter(key, decode(raw), raw));
            }
        }
        parameters.sort(Comparator.comparing(Parameter::key)); // stable: equal keys keep their order
        return new EncodedQuery(parameters);
    }

    private static String decode(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    @Override
    public @Nullable String get(String key) {
        for (Parameter parameter : (joined == null ? parameters : joined).reversed()) {
            if (parameter.key.equals(key)) {
                return parameter.value;
            }
        }
        return null;
    }

    @Override
    public List<String> signed() {
        Set<String> forms = new LinkedHashSet<>();
        forms.add(text(parameters, Parameter::value));
        forms.add(text(parameters, Parameter::rawValue));
        if (joined != null) {
            forms.add(text(joined, Parameter::value));
            forms.add(text(joined, Parameter::rawValue));
        }
        return List.copyOf(forms);
    }

    private static String text(List<Parameter> parameters, Function<Parameter, String> value) {
        StringBuilder text = new StringBuilder(160);
        for (Parameter parameter : parameters) {
            if (!parameter.key.equals(SIGNATURE)) {
                if (!text.isEmpty()) {
                    text.append('&');
                }
                text.append(parameter.key).append('=').append(value.apply(parameter));
            }
        }
        return text.toString();
    }
}
