package dev.reverb.server.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate authority in a folder, run by the {@code openssl} command: the files people really have. */
public record Authority(Path folder) {

    /** Makes {@code ca.pem} and {@code ca.key}. */
    public static Authority create(Path folder) throws IOException, InterruptedException {
        Authority authority = new Authority(folder);
        authority.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test authority");
        return authority;
    }

    /** Signs a certificate for localhost with the key in {@code NAME.key}, as {@code NAME.crt}. */
    public Path sign(String name, int serial) throws IOException, InterruptedException {
        openssl("req", "-new", "-key", name + ".key", "-out", name + ".csr", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost");
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial",
                Integer.toString(serial), "-days", "10", "-copy_extensions", "copy", "-out", name + ".crt");
        return folder.resolve(name + ".crt");
    }

    /** A key and a certificate for localhost. */
    public void issue(String name, int serial) throws IOException, InterruptedException {
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", name + ".key");
        sign(name, serial);
    }

    public Path key(String name) {
        return folder.resolve(name + ".key");
    }

    public Path certificate(String name) {
        return folder.resolve(name + ".crt");
    }

    /** What a server of this process serves TLS with that has {@code NAME.key} and {@code NAME.crt}. */
    public SSLContext serverContext(String name) throws IOException, InterruptedException, GeneralSecurityException {
        openssl("pkcs12", "-export", "-in", name + ".crt", "-inkey", name + ".key", "-out", name + ".p12", "-passout",
                "pass:pass");
        char[] password = "pass".toCharArray();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(folder.resolve(name + ".p12").toFile(), password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** A store with the authority's certificate, password {@code changeit}, for {@code javax.net.ssl.trustStore}. */
    public Path trustStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(folder.resolve("ca.pem"))) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        Path file = folder.resolve("trust.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        return file;
    }

    void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(Stream.of("openssl"), Stream.of(arguments)).toList();
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(command + ": " + output);
        }
    }
}
