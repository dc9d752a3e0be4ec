package dev.reverb.server.tls;

import java.io.ByteArrayOutputStream;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;

/** As much of ASN.1's DER encoding as wraps an older private key into PKCS#8. */
final class Der {
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int SEC1_PARAMETERS = 0xa0;

    private Der() {}

    static byte[] sequence(byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        return tagged(SEQUENCE, content.toByteArray());
    }

    static byte[] octets(byte[] content) {
        return tagged(OCTET_STRING, content);
    }

    /** The curve's object identifier, with tag and length, in a SEC 1 key. */
    static byte[] curveOf(byte[] sec1) throws InvalidKeySpecException {
        try {
            int[] outer = element(sec1, 0);
            for (int at = outer[0]; at < outer[1];) {
                int[] inner = element(sec1, at);
                if ((sec1[at] & 0xff) == SEC1_PARAMETERS) {
                    return Arrays.copyOfRange(sec1, inner[0], inner[1]);
                }
                at = inner[1];
            }
        } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
            throw new InvalidKeySpecException("holds an elliptic curve key that is broken", e);
        }
        throw new InvalidKeySpecException("holds an elliptic curve key that does not name its curve; convert it with:"
                + " openssl pkcs8 -topk8 -nocrypt -in old.key -out new.key");
    }

    /** Where the content of the element at {@code at} begins and ends. */
    private static int[] element(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        int start = at + 2;
        if (length > 0x80) {
            int bytes = length & 0x7f;
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = (length << 8) | (der[start++] & 0xff);
            }
        }
        if (length < 0 || length > der.length - start) {
            throw new IllegalArgumentException("length");
        }
        return new int[]{start, start + length};
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length <= 0xff) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
