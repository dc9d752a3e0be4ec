package dev.reverb.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cli.log.JsonLines;
import dev.reverb.server.cli.log.TextLines;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command line accepts, and what it says to the rest. */
final class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "strat|there is no command \"strat\"; did you mean start?",
            "xyzzy|there is no command \"xyzzy\"; allowed is start, restart, check, publish, tail, build",
            "biuld|there is no command \"biuld\"; did you mean build?",
            "reverb:publish|there is no command \"reverb:publish\"; did you mean publish?",
            "reverb tail|there is no command \"reverb\"; leave it out: that is this program",
            "start --prot=9000|Unknown option: '--prot=9000'; did you mean --port?",
            "publish --chanel a --event b|Unknown option: '--chanel'; did you mean --channel?",
            "publish --channel=a --evnet=b|Unknown option: '--evnet=b'; did you mean --event?",
            "publish --data --x --channel c|Missing required option: '--event=NAME'",
            "restart --all --pid 7|--all and --pid exclude each other",
            "start --prot 1|Unknown options: '--prot', '1'; did you mean --port?",
            "start --port|Missing required parameter for option '--port' (PORT)",
            "start --port 1 --port 2|option '--port' (PORT) should be specified only once",
            "start --debug=yes|option '--debug' should be specified without 'yes' parameter",
            "start now|\"now\" is one word too many; start takes flags alone; allowed is --host, --port, --path, "
                    + "--hostname, --config, --service, --listeners, --debug, --help",
            "start reverb.yml|\"reverb.yml\" is one word too many; start takes flags alone; did you mean --config "
                    + "reverb.yml?",
            "check --json|Unknown option: '--json'; allowed is --host, --port, --path, --hostname, --config, "
                    + "--service, --webhooks, --help",
            "start -p 80|Unknown options: '-p', '80'; did you mean --port or --path?",
            "start @file|\"@file\" is one word too many; start takes flags alone; allowed is --host, --port, "
                    + "--path, --hostname, --config, --service, --listeners, --debug, --help",
            "publish --channel c --event e --app-id 1 --key k --secret s --host a:1|--host: \"a:1\" is not allowed; "
                    + "allowed is a host name or an address, without a port",
            "tail --app 1 --key k --secret s --host http://a|--host: \"http://a\" is not allowed; "
                    + "allowed is a host name or an address, without a port",
            "publish --event e|Missing required option: '--channel=NAME'",
            "publish --channel c --event e --app-id 1 --key k --secret s --url nowhere|--url: \"nowhere\" "
                    + "is not allowed; allowed is an address such as https://ws.example.com",
            "publish --channel c --event e --app-id 1 --key k --secret s --port 0|--port: \"0\" is not "
                    + "allowed; allowed is a whole number from 1 to 65535",})
    void wrongUsageIsSaidWithWhatIsRight(String line, String expected) throws Exception {
        assertEquals(2, run(line.split(" ")));
        assertEquals("reverb: " + expected, err.toString().lines().findFirst().orElseThrow());
    }

    @Test
    void aValueMayFollowAnEqualsSign() throws Exception {
        for (List<String> line : List.of(List.of("check", "--port=x"), List.of("check", "--port", "x"))) {
            assertEquals(1, run(line.toArray(String[]::new)));
        }
        assertEquals(1, err.toString().lines().distinct().count(), err.toString());
    }

    @Test
    void helpShowsEveryFlagAndExamples() throws Exception {
        for (String command : List.of("start", "restart", "check", "publish")) {
            assertEquals(0, run(command, "--help"));
        }
        assertEquals(0, run("--help"));
        assertTrue(out.toString().contains("Shows what happens to an application on a running server until Ctrl-C.\n"),
                out.toString());
        assertEquals(2, run());
        for (String said : List.of("--host=ADDRESS", "--config=FILE", "--debug", "--channel=NAME", "Examples:",
                "reverb restart --port 9000", "--version")) {
            assertTrue(out.toString().contains(said), said);
        }
    }

    @Test
    void theVersionIsThatOfTheBuild() throws Exception {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().matches("(?s)Reverb \\d+\\.\\d+\\.\\d+.*"), out.toString());
    }

    @Test
    void aWrongSettingIsOneLine() throws Exception {
        assertEquals(1, run("check", "--port", "x"));
        assertEquals("reverb: --port: \"x\" is not allowed; allowed is a whole number from 0 to 65535",
                err.toString().strip());
    }

    @Test
    void whatClientsSendCannotForgeALineOfTheLog() {
        LogRecord event = new LogRecord(Level.INFO, "a\nb\r\u001b[31m\u0000c\t\"d\"\ud800");
        event.setLoggerName("dev.reverb.server.X");
        String text = new TextLines().format(event);
        assertEquals(1, text.lines().count());
        assertTrue(text.endsWith("INFO  server.X: a\\nb\\r?[31m?c\t\"d\"\ud800\n"), text);
        String json = new JsonLines().format(event);
        assertTrue(json.endsWith("\"message\":\"a\\nb\\r\\u001b[31m\\u0000c\\t\\\"d\\\"\\ud800\"}\n"), json);
    }

    private int run(String... arguments) throws Exception {
        return Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
    }
}
