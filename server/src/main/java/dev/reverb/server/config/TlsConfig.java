package dev.reverb.server.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Direct TLS from PEM files, with the names of Reverb's {@code tls} options. The files are watched: a renewed
 * certificate serves the next handshake.
 *
 * @param localCert certificate chain, {@code local_cert}
 * @param localPk private key, {@code local_pk}; the same file as {@code localCert} when unset
 * @param passphrase of an encrypted private key
 * @param cafile certificates that client certificates are verified against
 * @param verifyPeer whether a client certificate is required
 */
public record TlsConfig(
        Path localCert,
        Optional<Path> localPk,
        Optional<String> passphrase,
        Optional<Path> cafile,
        boolean verifyPeer) {
    @Override
    public String toString() {
        return "TlsConfig[" + localCert + "]";
    }
}
