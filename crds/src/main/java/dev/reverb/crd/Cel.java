package dev.reverb.crd;

/**
 * Rules that several fields share, in the API server's expression language. Each is constant text, as annotations need
 * it; forms are tested before they are converted, so that a wrong text is refused with the rule's own message.
 */
final class Cel {
    /** At most three parts of hours, minutes and seconds, small enough for the conversion not to overflow. */
    private static final String DURATION = "self.matches('^([0-9]{1,6}(h|m|s)){1,3}$')";
    private static final String FROM_ZERO = DURATION + " && duration(self) <= duration(";
    private static final String FROM_ONE = DURATION + " && duration(self) >= duration('1s') && duration(self) <= "
            + "duration(";

    static final String UP_TO_A_MINUTE = FROM_ZERO + "'1m')";
    static final String UP_TO_AN_HOUR = FROM_ZERO + "'1h')";
    static final String UP_TO_A_DAY = FROM_ZERO + "'24h')";
    static final String SECOND_TO_TWO_MINUTES = FROM_ONE + "'2m')";
    static final String SECOND_TO_HOUR = FROM_ONE + "'1h')";
    static final String SECOND_TO_DAY = FROM_ONE + "'24h')";
    static final String SECOND_TO_MONTH = FROM_ONE + "'720h')";

    static final String APP_ID = "self.matches('^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$')";
    static final String APP_ID_MESSAGE = "write an id of letters, digits, dots, hyphens and underscores, such as shop "
            + "or 123456";

    /** The hosts that the server's glob patterns are written with. */
    static final String ORIGINS = "self.all(o, o.matches('^[\\\\w.*?\\\\[\\\\]:{}!-]+$'))";
    static final String ORIGINS_MESSAGE = "write hosts without scheme or path, such as shop.example.com or "
            + "*.example.com, of letters, digits and . _ - : * ? [ ] { } !";

    /** RFC 1123: what an object is named by. */
    static final String NAME = "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')";
    static final String NAME_MESSAGE = "write an object's name: lower-case letters, digits, hyphens and dots";

    static final String NAMESPACE = "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')";
    static final String NAMESPACE_MESSAGE = "write a namespace: lower-case letters, digits and hyphens";

    static final String IMAGE = "self.matches('^[A-Za-z0-9][A-Za-z0-9._:/@-]*$')";
    static final String IMAGE_MESSAGE = "write an image such as registry.example.com/reverb:1.0, without spaces";

    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String HOST_NAME = "(\\\\*\\\\.)?" + LABEL + "(\\\\." + LABEL + ")*";

    static final String HOST = "self.matches('^" + HOST_NAME + "$')";
    static final String HOSTS = "self.all(h, h.matches('^" + HOST_NAME + "$'))";
    static final String HOSTS_MESSAGE = "write host names alone, in lower case, such as ws.example.com or "
            + "*.example.com";

    private static final String PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|"
            + "6553[0-5])";

    /** Redis nodes; an IPv6 address stands in brackets. */
    static final String NODES = "self.all(n, n.matches('^([A-Za-z0-9._-]+|\\\\[[0-9A-Fa-f:.]+\\\\]):" + PORT + "$'))";
    static final String NODES_MESSAGE = "write each node as host:port, such as redis-0.example.com:6379, with a port "
            + "from 1 to 65535";

    private Cel() {}
}
