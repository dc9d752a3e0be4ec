package dev.reverb.model;

/** What no two applications of one server may share: the id of one may not be that of another, and so the key. */
public record AppIdentity(String id, String key) {

    /** That of {@code app}. */
    public static AppIdentity of(App app) {
        return new AppIdentity(app.id(), app.key());
    }
}
