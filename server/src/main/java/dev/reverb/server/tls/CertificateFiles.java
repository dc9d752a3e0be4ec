package dev.reverb.server.tls;

import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.ServerSettings;
import dev.reverb.server.config.TlsConfig;
import dev.reverb.server.config.source.RegularFile;
import dev.reverb.server.config.source.Unreadable;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * A certificate, its key, and the TLS context made of them; read at once and checked together, so that half a renewal
 * is never served.
 *
 * @param subject whom the certificate is for
 * @param names hosts that it is for
 * @param begins when it begins
 * @param expires when it ends
 */
record CertificateFiles(SslContext context, String subject, List<String> names, Instant begins, Instant expires) {
    /** Bytes of a file; a chain has a few thousand. */
    private static final int MAX_BYTES = 1 << 20;

    /**
     * Reads the files that {@code config} names.
     *
     * @throws SettingsException with one line that names the setting, the file, and what is wrong
     */
    static CertificateFiles read(TlsConfig config) {
        X509Certificate[] chain = certificates(ServerSettings.TLS_CERT, config.localCert());
        Path keyFile = config.localPk().orElse(config.localCert());
        Setting<Path> keySetting = config.localPk().isPresent() ? ServerSettings.TLS_KEY : ServerSettings.TLS_CERT;
        PrivateKey key = key(keySetting, keyFile, config);
        if (!belongTogether(key, chain[0].getPublicKey())) {
            if (Arrays.stream(chain).anyMatch(other -> belongTogether(key, other.getPublicKey()))) {
                throw wrong(ServerSettings.TLS_CERT, config.localCert(),
                        "has the server's certificate behind another one; it has to stand first, its authority's "
                                + "after it");
            }
            throw wrong(keySetting, keyFile, "holds the key of another certificate than " + config.localCert());
        }
        SslContextBuilder builder = SslContextBuilder.forServer(key, chain).sslProvider(SslProvider.JDK);
        if (config.verifyPeer()) {
            builder.clientAuth(ClientAuth.REQUIRE);
            config.cafile().ifPresent(file -> builder.trustManager(certificates(ServerSettings.TLS_CAFILE, file)));
        }
        try {
            return new CertificateFiles(builder.build(), chain[0].getSubjectX500Principal().getName(),
                    CertificateNames.of(chain[0]), chain[0].getNotBefore().toInstant(),
                    chain[0].getNotAfter().toInstant());
        } catch (SSLException | IllegalArgumentException e) {
            throw wrong(ServerSettings.TLS_CERT, config.localCert(), "cannot be used: " + e.getMessage());
        }
    }

    private static PrivateKey key(Setting<Path> setting, Path file, TlsConfig config) {
        String text = text(setting, file);
        if (config.localPk().isEmpty() && !text.contains("PRIVATE KEY-----")) {
            throw wrong(setting, file, "holds no private key; name the file that does by " + ServerSettings.TLS_KEY
                    + " (" + ServerSettings.TLS_KEY.variable() + ")");
        }
        try {
            return PrivateKeyPem.read(text, config.passphrase());
        } catch (GeneralSecurityException e) {
            String problem = String.valueOf(e.getMessage());
            throw wrong(setting, file,
                    problem + (problem.startsWith("holds no private key") ? PemContent.insteadOfKey(text) : ""));
        }
    }

    private static X509Certificate[] certificates(Setting<Path> setting, Path file) {
        String text = text(setting, file);
        try {
            X509Certificate[] certificates = CertificatePem.read(text);
            if (certificates.length == 0) {
                throw wrong(setting, file, "holds no certificate in PEM form" + PemContent.insteadOfCertificate(text));
            }
            return certificates;
        } catch (CertificateException e) {
            throw wrong(setting, file, "holds a certificate that is broken");
        }
    }

    private static String text(Setting<Path> setting, Path file) {
        try {
            return new String(RegularFile.read(file, MAX_BYTES), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw wrong(setting, file, Unreadable.why(file));
        }
    }

    private static boolean belongTogether(PrivateKey key, PublicKey certified) {
        String algorithm = switch (key) {
            case RSAKey _ -> key.getAlgorithm().equals("RSASSA-PSS") ? "RSASSA-PSS" : "SHA256withRSA";
            case ECKey _ -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        if (algorithm.equals("RSASSA-PSS")) {
            return key instanceof RSAKey own && certified instanceof RSAKey other
                    && own.getModulus().equals(other.getModulus());
        }
        try {
            byte[] probe = {1, 2, 3};
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static SettingsException wrong(Setting<Path> setting, Path file, String problem) {
        return new SettingsException(setting + " (" + setting.variable() + "): \"" + file + "\" " + problem);
    }
}
