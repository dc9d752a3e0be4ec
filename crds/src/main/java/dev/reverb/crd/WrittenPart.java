package dev.reverb.crd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.jspecify.annotations.Nullable;

/**
 * A spec or a status as it was written, which another version of this project may have done. Fields that are not known
 * are left out; what cannot be read is said instead of thrown, since one exception would end the watch over all
 * resources of the kind.
 *
 * @param value what was read; null when nothing was written or it cannot be read
 * @param error names the field that cannot be read and says why; null when all can
 */
record WrittenPart<T>(@Nullable T value, @Nullable String error) {
    private static final int LONGEST = 500;
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** Reads {@code written}, the field {@code name} of a resource. */
    static <T> WrittenPart<T> read(@Nullable JsonNode written, String name, Class<T> type) {
        if (written == null || written.isNull()) {
            return new WrittenPart<>(null, null);
        }
        try {
            return new WrittenPart<>(JSON.treeToValue(written, type), null);
        } catch (JsonMappingException e) {
            return new WrittenPart<>(null, shortened(path(name, e) + ": " + reason(e)));
        } catch (JsonProcessingException | RuntimeException e) {
            return new WrittenPart<>(null, shortened(name + ": " + e.getMessage()));
        }
    }

    private static String path(String name, JsonMappingException e) {
        StringBuilder path = new StringBuilder(name);
        e.getPath().forEach(part -> {
            if (part.getFieldName() == null) {
                path.append('[').append(part.getIndex()).append(']');
            } else {
                path.append('.').append(part.getFieldName());
            }
        });
        return path.toString();
    }

    private static String reason(JsonMappingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        return message.lines().findFirst().orElse("") + "; write a value that this version of the operator knows";
    }

    private static String shortened(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }
}
