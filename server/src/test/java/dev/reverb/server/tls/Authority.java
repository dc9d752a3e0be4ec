package dev.reverb.server.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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

    void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(Stream.of("openssl"), Stream.of(arguments)).toList();
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(command + ": " + output);
        }
    }
}
