package dev.reverb.server.transport.http.head;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who a request is from. {@code X-Forwarded-For} is believed from the right, for as long as the address before was a
 * trusted proxy: what a client writes into the header itself counts for nothing.
 */
public final class ForwardedFor {

    private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}");

    private final List<IpSubnetFilterRule> trusted = new ArrayList<>();

    /** @param proxies addresses and CIDR ranges */
    public ForwardedFor(List<String> proxies) {
        for (String proxy : proxies) {
            int slash = proxy.indexOf('/');
            String address = slash < 0 ? proxy : proxy.substring(0, slash);
            int bits = slash < 0 ? (address.indexOf(':') >= 0 ? 128 : 32)
                    : Integer.parseInt(proxy.substring(slash + 1));
            trusted.add(new IpSubnetFilterRule(address, bits, IpFilterRuleType.ACCEPT));
        }
    }

    /** The client's address as text. */
    public String client(@Nullable SocketAddress peer, HttpHeaders headers) {
        if (!(peer instanceof InetSocketAddress inet)) {
            return String.valueOf(peer);
        }
        InetAddress client = inet.getAddress();
        if (!trusted(client)) {
            return client.getHostAddress();
        }
        List<String> hops = new ArrayList<>();
        for (String header : headers.getAll("X-Forwarded-For")) {
            for (String hop : header.split(",")) {
                hops.add(hop.strip());
            }
        }
        for (int i = hops.size() - 1; i >= 0; i--) {
            InetAddress hop = parse(hops.get(i));
            if (hop == null) {
                break;
            }
            client = hop;
            if (!trusted(hop)) {
                break;
            }
        }
        return client.getHostAddress();
    }

    /** An address as proxies write it: plain, or with a port, an IPv6 address in brackets then (RFC 7239, 6). */
    private static @Nullable InetAddress parse(String text) {
        String address = text;
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            address = end < 0 || !isPort(text.substring(end + 1)) ? "" : text.substring(1, end);
        } else if (text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
            int colon = text.indexOf(':');
            address = isPort(text.substring(colon)) ? text.substring(0, colon) : "";
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static boolean isPort(String text) {
        return text.isEmpty() || PORT.matcher(text).matches();
    }

    private boolean trusted(InetAddress address) {
        for (IpSubnetFilterRule rule : trusted) {
            if (rule.matches(new InetSocketAddress(address, 0))) {
                return true;
            }
        }
        return false;
    }
}
