package dev.reverb.server.tls;

import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.TlsConfig;
import dev.reverb.server.config.live.ReloadStatus;
import dev.reverb.server.config.source.FileWatch;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS context for the next connection. When the certificate's files change, the new ones serve every handshake
 * from then on; connections that are there keep theirs. Files that cannot be used are refused with one line in the
 * log, and the old certificate stays.
 *
 * <p>{@link #get()} is one volatile read, for event loops; the files are watched by a thread of their own.
 */
public final class ReloadingTls implements Supplier<SslContext>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadingTls.class);

    static {
        // before the platform's first handshake as a server, which reads it once: a client of TLS 1.2 that asks for
        // another handshake on its connection costs this server far more than itself
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }

    private final TlsConfig config;
    private final FileWatch watch;
    private volatile CertificateFiles files;
    private volatile ReloadStatus reloads = ReloadStatus.NONE;
    private Consumer<ReloadStatus> reloadListener = _ -> {};

    private ReloadingTls(TlsConfig config) {
        this.config = config;
        List<Path> watched = new ArrayList<>(List.of(config.localCert()));
        config.localPk().ifPresent(watched::add);
        config.cafile().ifPresent(watched::add);
        this.watch = FileWatch.of("tls", watched, this::reload);
        this.files = CertificateFiles.read(config);
    }

    /**
     * Reads the certificate and follows its files from then on.
     *
     * @throws SettingsException with one line that names the setting, the file, and what is wrong
     */
    public static ReloadingTls start(TlsConfig config) {
        ReloadingTls tls = new ReloadingTls(config);
        tls.warnWhenExpired();
        tls.watch.start();
        return tls;
    }

    /**
     * Reads the certificate once, neither following it nor logging what is wrong with it: to check settings.
     *
     * @throws SettingsException as {@link #start} does
     */
    public static ReloadingTls read(TlsConfig config) {
        return new ReloadingTls(config);
    }

    /** What the next connection is served with. */
    @Override
    public SslContext get() {
        return files.context();
    }

    /** Hosts that the certificate in force is for, a star for one label; empty when it names none. */
    public List<String> names() {
        return files.names();
    }

    /** Whether the certificate in force is for {@code host}. */
    public boolean isFor(String host) {
        return CertificateNames.cover(files.names(), host);
    }

    /** When the certificate in force begins. */
    public Instant begins() {
        return files.begins();
    }

    /** When the certificate in force ends. */
    public Instant expires() {
        return files.expires();
    }

    /** How renewals went. */
    public ReloadStatus reloads() {
        return reloads;
    }

    /** Calls {@code listener} with how renewals went so far, and after every later one on the watcher's thread. */
    public synchronized void onReload(Consumer<ReloadStatus> listener) {
        reloadListener = listener;
        listener.accept(reloads);
    }

    private synchronized void tell(ReloadStatus status) {
        reloads = status;
        reloadListener.accept(status);
    }

    /** Stops following the files. */
    @Override
    public void close() {
        watch.close();
    }

    private void reload() {
        try {
            files = CertificateFiles.read(config);
            tell(reloads.succeeded());
            LOG.info("The certificate of {} was renewed; it ends {}", files.subject(), files.expires());
            warnWhenExpired();
        } catch (SettingsException e) {
            tell(reloads.failed(String.valueOf(e.getMessage())));
            LOG.error("The certificate changed and is refused, the one that ends {} stays: {}", files.expires(),
                    e.getMessage());
        }
    }

    private void warnWhenExpired() {
        if (files.expires().isBefore(Instant.now())) {
            LOG.warn("The certificate of {} ended {}: clients will refuse it", files.subject(), files.expires());
        } else if (files.begins().isAfter(Instant.now())) {
            LOG.warn("The certificate of {} begins {}: clients will refuse it until then; is this machine's clock "
                    + "right?", files.subject(), files.begins());
        }
    }
}
