package dev.reverb.server.cli.client;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverb.server.cli.command.CommandFailedException;
import dev.reverb.server.tls.Authority;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files for {@code --cafile} as they are found: with a key, with text between certificates, with neither. */
final class TrustedCertificatesTest {

    @TempDir
    Path folder;

    @Test
    void whatStandsBesideTheCertificatesDoesNotMatter() throws Exception {
        Authority authority = Authority.create(folder);
        authority.issue("localhost", 1);
        String certificate = Files.readString(folder.resolve("ca.pem"));
        Path file = folder.resolve("all.pem");
        Files.writeString(file, Files.readString(authority.key("localhost")) + "Our authority:\n" + certificate
                + "# once more\n" + certificate);
        assertDoesNotThrow(() -> TrustedCertificates.read(file));
        assertThrows(CommandFailedException.class, () -> TrustedCertificates.read(authority.key("localhost")));
    }
}
