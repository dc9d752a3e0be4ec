package dev.reverb.server.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Reads a private key in the PEM forms that certificates come with: PKCS#8, plain or encrypted, and the older forms of
 * RSA (PKCS#1) and elliptic curves (SEC 1), which cert-manager and Valet write by default.
 */
final class PrivateKeyPem {
    private static final Pattern BLOCK = Pattern
            .compile("-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----([\\s\\S]*?)-----END \\1-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");
    private static final byte[] RSA = {0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d,
            0x01, 0x01, 0x01, 0x05, 0x00};
    private static final byte[] EC_PUBLIC_KEY = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

    private PrivateKeyPem() {}

    /**
     * The first private key of {@code pem}.
     *
     * @param passphrase for an encrypted key
     * @throws GeneralSecurityException when there is none, or it cannot be used; the message says why, and what to do
     */
    static PrivateKey read(String pem, Optional<String> passphrase) throws GeneralSecurityException {
        Matcher matcher = BLOCK.matcher(pem);
        if (!matcher.find()) {
            throw new InvalidKeySpecException("holds no private key in PEM form");
        }
        String body = matcher.group(2);
        if (body.contains("ENCRYPTED")) {
            throw new InvalidKeySpecException("holds a key encrypted in OpenSSL's old form, which is not supported;"
                    + " convert it with: openssl pkcs8 -topk8 -in old.key -out new.key");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(body.getBytes(StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            throw new InvalidKeySpecException("holds a private key that is not valid base64", e);
        }
        return switch (matcher.group(1)) {
            case "PRIVATE KEY" -> pkcs8(der);
            case "RSA PRIVATE KEY" -> pkcs8(Der.sequence(VERSION_0, RSA, Der.octets(der)));
            case "EC PRIVATE KEY" ->
                pkcs8(Der.sequence(VERSION_0, Der.sequence(EC_PUBLIC_KEY, Der.curveOf(der)), Der.octets(der)));
            case "ENCRYPTED PRIVATE KEY" -> decrypted(der, passphrase);
            default -> throw new InvalidKeySpecException("holds a key of the kind \"" + matcher.group(1)
                    + "\", which is not supported; convert it with: openssl pkcs8 -topk8 -nocrypt -in old.key -out"
                    + " new.key");
        };
    }

    private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // of another algorithm: the encoding names it, but only its own factory reads that
            }
        }
        throw new InvalidKeySpecException("holds a private key that is broken, or neither RSA, EC nor Ed25519");
    }

    private static PrivateKey decrypted(byte[] der, Optional<String> passphrase) throws GeneralSecurityException {
        if (passphrase.isEmpty()) {
            throw new InvalidKeySpecException("holds an encrypted key; set tls.passphrase (REVERB_TLS_PASSPHRASE)");
        }
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
            AlgorithmParameters parameters = info.getAlgParameters();
            // for PBES2 only the parameters know the whole name, such as PBEWithHmacSHA256AndAES_256
            String algorithm = "PBES2".equals(info.getAlgName()) || "1.2.840.113549.1.5.13".equals(info.getAlgName())
                    ? parameters.toString()
                    : info.getAlgName();
            SecretKey secret = SecretKeyFactory.getInstance(algorithm)
                    .generateSecret(new PBEKeySpec(passphrase.get().toCharArray()));
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, secret, parameters);
            return pkcs8(info.getKeySpec(cipher).getEncoded());
        } catch (IOException e) {
            throw new InvalidKeySpecException("holds an encrypted key that is broken", e);
        } catch (NoSuchAlgorithmException e) {
            throw new InvalidKeySpecException("holds a key encrypted in a way that is not supported; convert it with:"
                    + " openssl pkcs8 -topk8 -v2 aes-256-cbc -in old.key -out new.key", e);
        } catch (GeneralSecurityException e) {
            throw new InvalidKeySpecException("holds an encrypted key that tls.passphrase does not open", e);
        }
    }
}
