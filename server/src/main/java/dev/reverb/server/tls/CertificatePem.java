package dev.reverb.server.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/** Certificates in PEM form (RFC 7468), whatever else stands between them: keys, text. */
public final class CertificatePem {

    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private CertificatePem() {}

    /**
     * The certificates in {@code pem}, in their order; none if it holds none.
     *
     * @throws CertificateException when one is broken
     */
    public static X509Certificate[] read(String pem) throws CertificateException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(blocks(pem).getBytes(StandardCharsets.US_ASCII)))
                .toArray(X509Certificate[]::new);
    }

    /** The certificates alone: the factory trips over a key or text between them. */
    private static String blocks(String pem) {
        StringBuilder blocks = new StringBuilder();
        for (int at = pem.indexOf(BEGIN); at >= 0;) {
            int stop = pem.indexOf(END, at);
            if (stop < 0) {
                // half a file: leave it to the factory to refuse
                blocks.append(pem, at, pem.length());
                break;
            }
            blocks.append(pem, at, stop + END.length()).append('\n');
            at = pem.indexOf(BEGIN, stop);
        }
        return blocks.toString();
    }
}
