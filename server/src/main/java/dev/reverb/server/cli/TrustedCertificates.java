package dev.reverb.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What a server's certificate is verified against when it is not what Java trusts by itself. */
final class TrustedCertificates {

    private TrustedCertificates() {}

    /**
     * Trusts the certificates in {@code file}, and no others: those of authorities, or the server's own.
     *
     * @throws CommandFailedException when the file cannot be read, or holds no certificate in PEM form
     */
    static SSLContext read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> certificates = CertificateFactory.getInstance(
                    "X.509").generateCertificates(
                            in);
            if (certificates.isEmpty()) {
                throw new CommandFailedException("--cafile: \"" + file + "\" holds no certificate in PEM form");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate certificate : certificates) {
                store.setCertificateEntry("trusted-" + store.size(), certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new CommandFailedException(
                    "--cafile: \"" + file + "\" is not there or cannot be read; allowed is a readable PEM file");
        } catch (GeneralSecurityException e) {
            throw new CommandFailedException("--cafile: \"" + file + "\" holds no certificate in PEM form");
        }
    }
}
