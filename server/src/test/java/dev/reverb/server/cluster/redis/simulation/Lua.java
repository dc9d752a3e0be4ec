package dev.reverb.server.cluster.redis.simulation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.reverb.server.cluster.redis.link.Script;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;
import org.luaj.vm2.lib.VarArgFunction;
import org.luaj.vm2.lib.jse.JsePlatform;

/** Runs the scripts as Redis does: {@code KEYS}, {@code ARGV}, {@code redis.call}; replies converted by its rules. */
final class Lua {

    private final Globals globals = JsePlatform.standardGlobals();
    private final Map<Script, LuaValue> scripts = new EnumMap<>(Script.class);
    private Function<List<String>, @Nullable Object> commands = _ -> null;

    /** @param source a script's text, as it is or with a fault put in */
    Lua(Function<Script, String> source) {
        LuaTable redis = new LuaTable();
        redis.set("call", function(this::call));
        redis.set("pcall", function(args -> {
            try {
                return call(args);
            } catch (LuaError e) {
                return error(e.getMessage());
            }
        }));
        redis.set("error_reply", function(args -> error(args.checkjstring(1))));
        globals.set("redis", redis);
        globals.get("string").set("format", function(Lua::format));
        for (Script script : Script.values()) {
            byte[] text = source.apply(script).getBytes(ISO_8859_1);
            scripts.put(script, globals.load(new ByteArrayInputStream(text), script.name(), "t", globals));
        }
    }

    /** Runs commands of scripts by {@code next} from now on: loading scripts takes longer than a story. */
    Lua on(Function<List<String>, @Nullable Object> next) {
        commands = next;
        return this;
    }

    private static LuaValue error(@Nullable String message) {
        LuaTable table = new LuaTable();
        table.set("err", String.valueOf(message));
        return table;
    }

    private static LuaValue function(Function<Varargs, LuaValue> body) {
        return new VarArgFunction() {
            @Override
            public Varargs invoke(Varargs args) {
                return body.apply(args);
            }
        };
    }

    /** The interpreter's own leaves out how many digits are wanted. */
    private static LuaValue format(Varargs args) {
        StringBuilder out = new StringBuilder();
        String format = latin(args.checkstring(1));
        int argument = 2;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            int from = ++i;
            while (!Character.isLetter(format.charAt(i)) && format.charAt(i) != '%') {
                i++;
            }
            String digits = format.substring(from, i);
            switch (format.charAt(i)) {
                case '%' -> out.append('%');
                case 's' -> out.append(latin(args.arg(argument++).strvalue()));
                case 'd' -> out.append((long) args.checkdouble(argument++));
                case 'f' -> out.append(digits.equals(".0") ? Long.toString(Math.round(args.checkdouble(argument++)))
                        : String.format(java.util.Locale.ROOT, "%" + digits + "f", args.checkdouble(argument++)));
                default -> throw new LuaError("format %" + digits + format.charAt(i) + " is not in the model");
            }
        }
        return string(out.toString());
    }

    private static LuaString string(String latin) {
        return LuaString.valueOf(latin.getBytes(ISO_8859_1));
    }

    private static String latin(LuaString text) {
        return new String(text.m_bytes, text.m_offset, text.m_length, ISO_8859_1);
    }

    private LuaValue call(Varargs args) {
        List<String> words = new ArrayList<>(args.narg());
        for (int i = 1; i <= args.narg(); i++) {
            LuaValue word = args.arg(i);
            if (word.type() == LuaValue.TNUMBER) {
                double number = word.todouble();
                words.add(number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number));
            } else if (word.type() == LuaValue.TSTRING) {
                words.add(latin(word.strvalue()));
            } else {
                throw new LuaError("ERR Lua redis lib command arguments must be strings or integers");
            }
        }
        try {
            return toLua(commands.apply(words));
        } catch (RedisData.Refused e) {
            throw new LuaError(e.getMessage());
        }
    }

    private static LuaValue toLua(@Nullable Object reply) {
        if (reply == null) {
            return LuaValue.FALSE;
        }
        if (reply instanceof RedisData.Status) {
            LuaTable status = new LuaTable();
            status.set("ok", "OK");
            return status;
        }
        return switch (reply) {
            case Long number -> LuaValue.valueOf((double) number);
            case String text -> string(text);
            case List<?> list -> {
                LuaTable table = new LuaTable(list.size(), 0);
                int i = 1;
                for (Object one : list) {
                    table.set(i++, toLua(one));
                }
                yield table;
            }
            default -> throw new IllegalStateException("a reply of " + reply.getClass());
        };
    }

    /** Runs a script; its answer is a list of {@code Long}, bytes, lists and nulls. */
    @SuppressWarnings("unchecked")
    List<Object> run(Script script, byte[][] keys, byte[][] arguments) {
        globals.set("KEYS", table(keys));
        globals.set("ARGV", table(arguments));
        Object reply = fromLua(Objects.requireNonNull(scripts.get(script)).call());
        return (List<Object>) (reply == null ? List.of() : reply);
    }

    private static LuaTable table(byte[][] values) {
        LuaTable table = new LuaTable(values.length, 0);
        for (int i = 0; i < values.length; i++) {
            table.set(i + 1, LuaString.valueOf(values[i]));
        }
        return table;
    }

    @SuppressWarnings("RefactorSwitch") // each case returns another type
    private static @Nullable Object fromLua(LuaValue value) {
        switch (value.type()) {
            case LuaValue.TNUMBER -> {
                return (long) value.todouble();
            }
            case LuaValue.TSTRING -> {
                return latin(value.strvalue()).getBytes(ISO_8859_1);
            }
            case LuaValue.TBOOLEAN -> {
                return value.toboolean() ? (Long) 1L : null;
            }
            case LuaValue.TTABLE -> {
                if (!value.get("err").isnil()) {
                    throw new RedisData.Refused(value.get("err").tojstring());
                }
                List<@Nullable Object> list = new ArrayList<>();
                for (int i = 1; !value.get(i).isnil(); i++) {
                    list.add(fromLua(value.get(i)));
                }
                return list;
            }
            default -> {
                return null;
            }
        }
    }
}
