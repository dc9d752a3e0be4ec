package dev.reverb.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.TlsConfig;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Certificates from files in every usual form, renewed under real handshakes. */
final class ReloadingTlsTest {
    @TempDir
    Path folder;

    private Authority authority = new Authority(Path.of("."));
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @BeforeEach
    void authority() throws Exception {
        authority = Authority.create(folder);
    }

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "EC in PKCS#8|genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out a.key|",
            "EC in SEC 1|ecparam -name prime256v1 -genkey -noout -out a.key|",
            "RSA in PKCS#8|genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out a.key|",
            "RSA in PKCS#1|genrsa -traditional -out a.key 2048|", "Ed25519|genpkey -algorithm ED25519 -out a.key|",
            "EC, encrypted|genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -pass pass:x "
                    + "-out b.key|x",})
    void aKeyInEveryUsualFormServes(String form, String command, String passphrase) throws Exception {
        authority.openssl(command.split(" "));
        if (passphrase != null) {
            authority.openssl("pkey", "-in", "b.key", "-passin", "pass:x", "-out", "a.key");
        }
        authority.sign("a", 7);
        Path key = passphrase == null ? authority.key("a") : authority.key("b");

        try (ReloadingTls tls = ReloadingTls.start(new TlsConfig(authority.certificate("a"), Optional.of(key),
                Optional.ofNullable(passphrase), Optional.empty(), false))) {
            assertEquals(7, serialOf(serve(tls), Optional.empty()), form);
        }
    }

    @Test
    void certificateAndKeyMayShareOneFile() throws Exception {
        authority.issue("a", 3);
        Path both = Files.writeString(folder.resolve("both.pem"),
                Files.readString(authority.key("a")) + Files.readString(authority.certificate("a")));

        try (ReloadingTls tls = ReloadingTls
                .start(new TlsConfig(both, Optional.empty(), Optional.empty(), Optional.empty(), false))) {
            assertEquals(3, serialOf(serve(tls), Optional.empty()));
        }
    }

    @Test
    void aRenewedCertificateServesTheNextHandshakeAndAWrongOneDoesNot() throws Exception {
        authority.issue("a", 1);
        authority.issue("b", 2);
        authority.issue("c", 3);
        Path certificate = Files.copy(authority.certificate("a"), folder.resolve("tls.crt"));
        Path key = Files.copy(authority.key("a"), folder.resolve("tls.key"));
        try (ReloadingTls tls = ReloadingTls
                .start(new TlsConfig(certificate, Optional.of(key), Optional.empty(), Optional.empty(), false))) {
            InetSocketAddress address = serve(tls);
            assertEquals(1, serialOf(address, Optional.empty()));

            Files.copy(authority.certificate("b"), certificate, StandardCopyOption.REPLACE_EXISTING);
            await(() -> tls.reloads().failures() == 1);
            assertTrue(tls.reloads().problem().orElseThrow().contains("holds the key of another certificate"));
            assertEquals(1, serialOf(address, Optional.empty()), "half a renewal");

            Files.copy(authority.key("b"), key, StandardCopyOption.REPLACE_EXISTING);
            await(() -> tls.reloads().reloads() == 1);
            assertEquals(2, serialOf(address, Optional.empty()));
            assertEquals(Optional.empty(), tls.reloads().problem());

            Files.writeString(certificate, "not a certificate");
            await(() -> tls.reloads().failures() == 2);
            assertEquals(2, serialOf(address, Optional.empty()), "a broken file");

            Files.delete(certificate);
            await(() -> tls.reloads().failures() == 3);
            Files.copy(authority.key("c"), key, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(authority.certificate("c"), certificate);
            await(() -> tls.reloads().problem().isEmpty());
            assertEquals(3, serialOf(address, Optional.empty()));
        }
    }

    @Test
    void aMountedSecretWhoseDataFolderIsSwappedIsSeen() throws Exception {
        for (int i = 1; i <= 2; i++) {
            authority.issue("n" + i, i);
            Path data = Files.createDirectory(folder.resolve("..data_" + i));
            Files.copy(authority.certificate("n" + i), data.resolve("tls.crt"));
            Files.copy(authority.key("n" + i), data.resolve("tls.key"));
        }
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..data_1"));
        Path certificate = Files.createSymbolicLink(folder.resolve("tls.crt"), Path.of("..data/tls.crt"));
        Path key = Files.createSymbolicLink(folder.resolve("tls.key"), Path.of("..data/tls.key"));
        try (ReloadingTls tls = ReloadingTls
                .start(new TlsConfig(certificate, Optional.of(key), Optional.empty(), Optional.empty(), false))) {
            InetSocketAddress address = serve(tls);
            assertEquals(1, serialOf(address, Optional.empty()));

            Files.createSymbolicLink(folder.resolve("..tmp"), Path.of("..data_2"));
            Files.move(folder.resolve("..tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

            await(() -> tls.reloads().reloads() == 1);
            assertEquals(2, serialOf(address, Optional.empty()));
            assertEquals(0, tls.reloads().failures());
        }
    }

    @Test
    void clientsMustShowACertificateOfTheAuthorityWhenPeersAreVerified() throws Exception {
        authority.issue("a", 1);
        authority.issue("client", 2);
        Authority stranger = Authority.create(Files.createDirectory(folder.resolve("stranger")));
        stranger.issue("client", 3);
        try (ReloadingTls tls = ReloadingTls.start(new TlsConfig(authority.certificate("a"),
                Optional.of(authority.key("a")), Optional.empty(), Optional.of(folder.resolve("ca.pem")), true))) {
            InetSocketAddress address = serve(tls);

            assertEquals(1, serialOf(address, Optional.of(authority)));
            assertThrows(IOException.class, () -> serialOf(address, Optional.empty()));
            assertThrows(IOException.class, () -> serialOf(address, Optional.of(stranger)));
        }
    }

    @Test
    void aClientOfTls12GetsNoSecondHandshakeOnItsConnection() throws Exception {
        authority.issue("a", 1);
        try (ReloadingTls tls = ReloadingTls.start(new TlsConfig(authority.certificate("a"),
                Optional.of(authority.key("a")), Optional.empty(), Optional.empty(), false));
                SSLSocket socket = connect(serve(tls), Optional.empty(), trust())) {
            socket.setEnabledProtocols(new String[]{"TLSv1.2"});
            socket.startHandshake();
            assertEquals("ok", new String(socket.getInputStream().readNBytes(2), StandardCharsets.US_ASCII));
            IOException ended = assertThrows(IOException.class, () -> {
                socket.startHandshake(); // asks; the answer is read with what comes next
                if (socket.getInputStream().readNBytes(2).length < 2) {
                    throw new IOException("the server ended the connection");
                }
            });
            assertFalse(ended instanceof SocketTimeoutException, "the connection goes on");
        }
    }

    @Test
    void whatCannotBeUsedIsSaidInOneLine() throws Exception {
        authority.issue("a", 1);
        authority.issue("b", 2);
        authority.openssl("pkey", "-in", "a.key", "-aes-256-cbc", "-passout", "pass:x", "-out", "enc.key");
        authority.openssl("ec", "-in", "a.key", "-aes-256-cbc", "-passout", "pass:x", "-out", "old.key");
        Path text = Files.writeString(folder.resolve("text"), "hello");

        assertEquals(
                "tls.local_pk (REVERB_TLS_KEY): \"" + authority.key("b")
                        + "\" holds the key of another certificate than " + authority.certificate("a"),
                problem(authority.key("b"), Optional.empty()));
        assertEquals(
                "tls.local_pk (REVERB_TLS_KEY): \"" + authority.key("enc")
                        + "\" holds an encrypted key; set tls.passphrase (REVERB_TLS_PASSPHRASE)",
                problem(authority.key("enc"), Optional.empty()));
        assertEquals(
                "tls.local_pk (REVERB_TLS_KEY): \"" + authority.key("enc")
                        + "\" holds an encrypted key that tls.passphrase does not open",
                problem(authority.key("enc"), Optional.of("hunter2")));
        assertEquals("tls.local_pk (REVERB_TLS_KEY): \"" + authority.key("old")
                + "\" holds a key encrypted in OpenSSL's old form, which is not supported; convert it with: openssl"
                + " pkcs8 -topk8 -in old.key -out new.key", problem(authority.key("old"), Optional.of("x")));
        assertEquals("tls.local_pk (REVERB_TLS_KEY): \"" + text + "\" holds no private key in PEM form",
                problem(text, Optional.empty()));
        assertEquals("tls.local_cert (REVERB_TLS_CERT): \"" + text + "\" holds no certificate in PEM form",
                assertThrows(SettingsException.class,
                        () -> ReloadingTls.start(
                                new TlsConfig(text, Optional.empty(), Optional.empty(), Optional.empty(), false)))
                        .getMessage());
    }

    @Test
    void whatAFileHoldsInsteadIsSaid() throws Exception {
        authority.issue("a", 1);
        authority.openssl("pkey", "-in", "a.key", "-pubout", "-out", "a.pub");
        authority.openssl("x509", "-in", "a.crt", "-outform", "der", "-out", "a.der");
        Path chain = Files.writeString(folder.resolve("chain.crt"),
                Files.readString(folder.resolve("ca.pem")) + Files.readString(authority.certificate("a")));
        String cert = "tls.local_cert (REVERB_TLS_CERT): \"" + folder;
        assertEquals(cert + "/a.key\" holds no certificate in PEM form, but a private key; are the certificate and the "
                + "key swapped?", refused("a.key", Optional.of("a.crt")));
        assertEquals(cert + "/a.csr\" holds no certificate in PEM form, but a request for one (CSR), of which an "
                + "authority makes the certificate", refused("a.csr", Optional.of("a.key")));
        assertTrue(refused("a.der", Optional.of("a.key")).contains("but binary data; convert it with: openssl x509"));
        assertEquals(cert + "/a.crt\" holds no private key; name the file that does by tls.local_pk (REVERB_TLS_KEY)",
                refused("a.crt", Optional.empty()));
        String key = "tls.local_pk (REVERB_TLS_KEY): \"" + folder;
        assertEquals(key + "/a.pub\" holds no private key in PEM form, but a public key",
                refused("a.crt", Optional.of("a.pub")));
        assertEquals(key + "/a.crt\" holds no private key in PEM form, but a certificate",
                refused("a.crt", Optional.of("a.crt")));
        assertEquals(cert + "/chain.crt\" has the server's certificate behind another one; it has to stand first, its "
                + "authority's after it", refused(chain.getFileName().toString(), Optional.of("a.key")));
    }

    @Test
    void aCertificateIsForTheNamesThatBrowsersLookAt() throws Exception {
        authority.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                "n.key", "-out", "n.crt", "-subj", "/CN=common.test", "-addext",
                "subjectAltName=DNS:a.test,DNS:*.B.test,IP:127.0.0.1");
        try (ReloadingTls tls = ReloadingTls.read(new TlsConfig(authority.certificate("n"),
                Optional.of(authority.key("n")), Optional.empty(), Optional.empty(), false))) {
            for (String host : new String[]{"a.test", "A.test", "x.b.test", "127.0.0.1"}) {
                assertTrue(tls.isFor(host), host);
            }
            for (String host : new String[]{"common.test", "b.test", "y.x.b.test", "127.0.0.2"}) {
                assertFalse(tls.isFor(host), host);
            }
        }
    }

    private String refused(String certificate, Optional<String> key) {
        return String
                .valueOf(
                        assertThrows(SettingsException.class,
                                () -> ReloadingTls.read(new TlsConfig(folder.resolve(certificate),
                                        key.map(folder::resolve), Optional.empty(), Optional.empty(), false)))
                                .getMessage());
    }

    private String problem(Path key, Optional<String> passphrase) {
        String message = String.valueOf(assertThrows(SettingsException.class, () -> ReloadingTls.start(
                new TlsConfig(authority.certificate("a"), Optional.of(key), passphrase, Optional.empty(), false)))
                .getMessage());
        assertFalse(message.contains("hunter2"));
        return message;
    }

    /** A server that says "ok" once a handshake is through. */
    private InetSocketAddress serve(ReloadingTls tls) {
        Channel server = new ServerBootstrap().group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(tls.get().newHandler(channel.alloc()), new StringEncoder(),
                                        new io.netty.channel.ChannelInboundHandlerAdapter() {
                                            @Override
                                            public void userEventTriggered(
                                                    io.netty.channel.ChannelHandlerContext context, Object event) {
                                                if (event instanceof SslHandshakeCompletionEvent done
                                                        && done.isSuccess()) {
                                                    context.writeAndFlush("ok");
                                                }
                                            }

                                            @Override
                                            public void exceptionCaught(io.netty.channel.ChannelHandlerContext context,
                                                    Throwable cause) {
                                                context.close();
                                            }
                                        });
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        return (InetSocketAddress) server.localAddress();
    }

    /** The serial number of the certificate that a client that trusts the authority is shown. */
    private long serialOf(InetSocketAddress address, Optional<Authority> client)
            throws IOException, GeneralSecurityException {
        try (SSLSocket socket = connect(address, client, trust())) {
            socket.startHandshake();
            assertEquals("ok", new String(socket.getInputStream().readNBytes(2), StandardCharsets.US_ASCII));
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber().longValue();
        }
    }

    private TrustManagerFactory trust() throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (var in = Files.newInputStream(folder.resolve("ca.pem"))) {
            trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        return trust;
    }

    private static SSLSocket connect(InetSocketAddress address, Optional<Authority> client, TrustManagerFactory trust)
            throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys(client), trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(address.getAddress(), address.getPort());
        socket.setSoTimeout(5_000);
        return socket;
    }

    private static KeyManager[] keys(Optional<Authority> client) throws IOException, GeneralSecurityException {
        if (client.isEmpty()) {
            return new KeyManager[0];
        }
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        try (var in = Files.newInputStream(client.get().certificate("client"))) {
            own.setKeyEntry("client",
                    PrivateKeyPem.read(Files.readString(client.get().key("client")), Optional.empty()), new char[0],
                    new java.security.cert.Certificate[]{
                            CertificateFactory.getInstance("X.509").generateCertificate(in)});
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, new char[0]);
        return factory.getKeyManagers();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within ten seconds");
            LockSupport.parkNanos(1_000_000);
        }
    }
}
