package dev.reverb.server.config.read;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the certificate that Laravel Herd, Laravel Valet or mkcert made for a host name, so that development over
 * TLS needs no settings. Looks at file names only.
 *
 * @param home the user's home folder
 * @param workingDirectory where mkcert was probably run
 * @param caRoot mkcert's {@code CAROOT}, when the environment names it
 */
record CertificateDiscovery(Path home, Path workingDirectory, Optional<Path> caRoot) {

    /** A certificate and its key, both there. */
    record Found(Path certificate, Path key) {}

    /** The first pair found for {@code hostname}: Herd, Valet, then mkcert. */
    Optional<Found> find(String hostname) {
        Stream<Found> siteFolders = Stream
                .of(".config/herd/config/valet/Certificates",
                        "Library/Application Support/Herd/config/valet/Certificates", ".config/valet/Certificates",
                        ".valet/Certificates")
                .map(home::resolve)
                .map(folder -> new Found(folder.resolve(hostname + ".crt"), folder.resolve(hostname + ".key")));
        Stream<Found> mkcert = Stream
                .of(List.of(workingDirectory), caRoot.stream().toList(),
                        List.of(home.resolve(".local/share/mkcert"),
                                home.resolve("Library/Application Support/mkcert")))
                .flatMap(List::stream)
                .map(folder -> new Found(folder.resolve(hostname + ".pem"), folder.resolve(hostname + "-key.pem")));
        return Stream.concat(siteFolders, mkcert)
                .filter(found -> Files.isReadable(found.certificate()) && Files.isReadable(found.key()))
                .findFirst();
    }
}
