package dev.reverb.server.config.read;

import dev.reverb.model.App;
import dev.reverb.model.AppCatalogue;
import dev.reverb.model.read.AppReader;
import dev.reverb.model.read.AppReading;
import dev.reverb.model.read.ServerLimits;
import dev.reverb.model.setting.ConfigNode;
import dev.reverb.model.setting.ConfigNode.Mapping;
import dev.reverb.model.setting.ConfigNode.Scalar;
import dev.reverb.model.setting.ConfigNode.Sequence;
import dev.reverb.model.setting.Given;
import dev.reverb.model.setting.Place;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingProblem;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.app.DevelopmentApp;
import dev.reverb.server.app.RefusedApp;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.source.Environment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes applications of what was given: one from the environment, those of the file, or, when nothing at all is
 * configured, one for development. An application of the file that is wrong is left out alone; one of the environment
 * is part of what the process was started with, and wrong, it is an error.
 */
final class AppsReader {
    /** The key of the list of applications. */
    static final String APPS = "apps";
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{?[A-Za-z_]\\w*}?|\\{\\{.*}}|%[A-Z_]+%");

    private final Environment environment;
    private final AppReader reader;
    private final DevelopmentApp development;

    AppsReader(Environment environment, ServerConfig server, DevelopmentApp development) {
        this.environment = environment;
        this.reader = new AppReader(
                new ServerLimits(server.maxRequestSize().orElse(0), server.limits().outboundBuffer()));
        this.development = development;
    }

    /**
     * What there is to serve.
     *
     * @param refused applications of the file that are not served as they are written there
     * @param development whether the only application is the one for development
     */
    record Apps(List<App> apps, List<RefusedApp> refused, boolean development, List<String> warnings) {}

    /**
     * @param name what messages call the file
     * @param inForce the applications that are served now: what is refused stays as it is among these
     * @throws SettingsException when the application of the environment is wrong, or {@code apps} is no list
     */
    Apps read(String name, Mapping file, Collection<App> inForce) {
        List<String> warnings = new ArrayList<>();
        AppSelection selection = new AppSelection(inForce);
        List<SettingProblem> problems = new ArrayList<>();
        Given fromEnvironment = new Given(problems::add);
        environment.read(AppCatalogue.ALL, fromEnvironment);
        boolean inEnvironment = Stream.of(AppCatalogue.APP_ID, AppCatalogue.KEY, AppCatalogue.SECRET)
                .anyMatch(fromEnvironment::has);
        if (inEnvironment) {
            selection.fixed(own(fromEnvironment, problems, warnings), "the environment");
        }
        ConfigNode listed = file.entries().get(APPS);
        if (listed instanceof Sequence sequence) {
            for (int i = 0; i < sequence.items().size(); i++) {
                ConfigNode item = sequence.items().get(i);
                Place place = new Place(APPS + "[" + i + "]", name);
                AppReading reading = reader.read(item, place);
                selection.add(reading, place.of("", item.line()));
                warnings.addAll(reading.warnings());
            }
        } else if (listed != null) {
            throw new SettingsException(
                    APPS + " (" + name + ":" + listed.line() + "): a list of applications is expected"
                            + (listed instanceof Mapping ? ", each behind a dash, such as \"- app_id: shop\"" : "")
                            + "; allowed is \"apps: []\" for none");
        }
        if (inEnvironment || listed != null) {
            if (!inEnvironment && !fromEnvironment.texts().isEmpty()) {
                warnings.add("REVERB_APP_… variables have no effect without REVERB_APP_ID, REVERB_APP_KEY and"
                        + " REVERB_APP_SECRET: " + String.join(", ",
                                fromEnvironment.texts().keySet().stream().map(Setting::variable).sorted().toList()));
            }
            AppSelection.Selected selected = selection.select();
            selected.apps()
                    .stream()
                    .filter(app -> app.secrets().stream().anyMatch(secret -> REFERENCE.matcher(secret).matches()))
                    .forEach(app -> warnings.add("application " + app.id()
                            + ": its secret is a reference such as ${NAME}, "
                            + "which is taken as it stands, as no variables are put into values here: write the secret "
                            + "itself, or set REVERB_APP_ID, REVERB_APP_KEY and REVERB_APP_SECRET"));
            return new Apps(selected.apps(), selected.refused(), false, warnings);
        }
        fromEnvironment.put(AppCatalogue.APP_ID, new Scalar(development.id(), 0), "");
        fromEnvironment.put(AppCatalogue.KEY, new Scalar(development.key(), 0), "");
        fromEnvironment.put(AppCatalogue.SECRET, new Scalar(development.secret(), 0), "");
        return new Apps(List.of(own(fromEnvironment, problems, warnings)), List.of(), true, warnings);
    }

    /** The application that {@code given} makes, or the first thing that is wrong with it as an error. */
    private App own(Given given, List<SettingProblem> problems, List<String> warnings) {
        AppReading reading = reader.read(given, problems);
        warnings.addAll(reading.warnings());
        Optional<App> app = reading.app();
        return app.orElseThrow(() -> new SettingsException(reading.problems().getFirst()));
    }
}
