package dev.reverb.server.tls;

/** What a file holds in place of what was looked for in it, for the person who named it. Pure. */
final class PemContent {
    /** The tag that every DER structure of certificates and keys begins with. */
    private static final char DER_SEQUENCE = 0x30;

    private PemContent() {}

    /** To follow "holds no certificate in PEM form": what it holds, and what to do. */
    static String insteadOfCertificate(String text) {
        if (text.contains("PRIVATE KEY-----")) {
            return ", but a private key; are the certificate and the key swapped?";
        }
        if (text.contains("CERTIFICATE REQUEST-----")) {
            return ", but a request for one (CSR), of which an authority makes the certificate";
        }
        if (text.contains("PUBLIC KEY-----")) {
            return ", but a public key";
        }
        return binary(text)
                ? ", but binary data; convert it with: openssl x509 -inform der -in FILE -out FILE.pem, or "
                        + "for PKCS#12: openssl pkcs12 -in FILE -nodes -out FILE.pem"
                : "";
    }

    /** To follow "holds no private key in PEM form". */
    static String insteadOfKey(String text) {
        if (text.contains("BEGIN CERTIFICATE-----")) {
            return ", but a certificate";
        }
        if (text.contains("PUBLIC KEY-----")) {
            return ", but a public key";
        }
        return binary(text)
                ? ", but binary data; convert it with: openssl pkey -inform der -in FILE -out FILE.pem, or "
                        + "for PKCS#12: openssl pkcs12 -in FILE -nodes -out FILE.pem"
                : "";
    }

    private static boolean binary(String text) {
        return !text.isEmpty() && text.charAt(0) == DER_SEQUENCE && text.chars().anyMatch(c -> c > '~' || c < '\t');
    }
}
