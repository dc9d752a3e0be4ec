package dev.reverb.server.cli.client;

import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.config.source.Unreadable;
import dev.reverb.server.tls.CertificatePem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What a server's certificate is verified against when it is not what Java trusts by itself. */
public final class TrustedCertificates {

    private TrustedCertificates() {}

    /**
     * Trusts the certificates in {@code file}, and no others: those of authorities, or the server's own.
     *
     * @throws CommandFailedException when the file cannot be read, or holds no certificate in PEM form
     */
    public static SSLContext read(Path file) {
        try {
            X509Certificate[] certificates = CertificatePem.read(Files.readString(file, StandardCharsets.ISO_8859_1));
            if (certificates.length == 0) {
                throw new CommandFailedException("--cafile: \"" + file + "\" holds no certificate in PEM form");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (X509Certificate certificate : certificates) {
                store.setCertificateEntry("trusted-" + store.size(), certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new CommandFailedException(
                    "--cafile: \"" + file + "\" " + Unreadable.why(file) + "; allowed is a readable PEM file");
        } catch (GeneralSecurityException e) {
            throw new CommandFailedException("--cafile: \"" + file + "\" holds no certificate in PEM form");
        }
    }
}
