package dev.reverb.server.webhook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Which addresses belong to nobody in particular: those that a webhook may be sent to by anybody. */
public final class PublicAddress {

    private PublicAddress() {}

    /**
     * Whether {@code address} is none of this machine, of a private or provider's network, of a link, of a group, or
     * reserved (RFC 6890); an IPv4 address within an IPv6 one counts as itself.
     */
    public static boolean is(InetAddress address) {
        byte[] a = address.getAddress();
        if (a.length == 16) {
            return six(a);
        }
        int first = a[0] & 255;
        int second = a[1] & 255;
        int third = a[2] & 255;
        return !(first == 0 || first == 10 || first == 127 || first >= 224
                || (first == 100 && second >= 64 && second < 128) || (first == 169 && second == 254)
                || (first == 172 && second >= 16 && second < 32)
                || (first == 192 && (second == 168 || (second == 0 && (third == 0 || third == 2))
                        || (second == 88 && third == 99)))
                || (first == 198 && (second == 18 || second == 19 || (second == 51 && third == 100)))
                || (first == 203 && second == 0 && third == 113));
    }

    private static boolean six(byte[] a) {
        if (starts(a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255)
                || starts(a, 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)) { // mapped, NAT64
            return four(a, 12);
        }
        if (starts(a, 0x20, 0x02)) { // 6to4
            return four(a, 2);
        }
        return (a[0] & 0xe0) == 0x20 // global unicast; all else is not
                && !starts(a, 0x20, 0x01, 0x0d, 0xb8) // documentation
                && !starts(a, 0x20, 0x01, 0, 0); // Teredo
    }

    private static boolean four(byte[] a, int from) {
        try {
            return is(InetAddress.getByAddress(Arrays.copyOfRange(a, from, from + 4)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    private static boolean starts(byte[] a, int... with) {
        for (int i = 0; i < with.length; i++) {
            if ((a[i] & 255) != with[i]) {
                return false;
            }
        }
        return true;
    }
}
