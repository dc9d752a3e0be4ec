package dev.reverb.crd;

/**
 * Rules that several fields share, in the API server's expression language. Each is constant text, as annotations need
 * it; forms are tested before they are converted, so that a wrong text is refused with the rule's own message.
 */
final class Cel {
    /** At most three parts of hours, minutes and seconds, small enough for the conversion not to overflow. */
    private static final String DURATION = "self.matches('^([0-9]{1,6}(h|m)|[0-9]{1,7}s){1,3}$')";
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

    /** Dots alone are no part of a path: clients leave them out of it. */
    static final String APP_ID = "self.matches('^[.]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*$')";
    static final String APP_ID_MESSAGE = "write an id of letters, digits and . _ ~ -, such as shop or 123456";

    /** What no origin is written with; {@link #ORIGIN} refuses the rest, without words. */
    static final String ORIGINS = "self.all(o, o.matches('^[\\\\w.*?\\\\[\\\\]:-]+$'))";
    static final String ORIGINS_MESSAGE = "write hosts without scheme or path, such as shop.example.com or "
            + "*.example.com, of letters, digits and . _ - * ?, with a port or :* where one is meant";

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

    /**
     * A host with * and ?, and a port where it matters, as servers read it. What has a sign that none of them has is
     * left to {@link #ORIGINS}, whose words are better; a rule for all of it would cost the API server too much.
     */
    static final String ORIGIN = "^(([\\w.*?-]+|\\[[0-9A-Fa-f:.*?]+\\])(:(" + PORT
            + "|[*]))?|[\\s\\S]*[^\\w.*?\\[\\]:-][\\s\\S]*)$";

    private static final String ESCAPED = "%[0-9A-Fa-f]{2}|[^\\x00-\\x{9f}\\p{Z}]";
    private static final String USER = "([A-Za-z0-9_.!~*'();:&=+$,-]|" + ESCAPED + ")*@";
    private static final String PATH = "([A-Za-z0-9_.!~*'();:@&=+$,/-]|" + ESCAPED + ")*";
    private static final String QUERY = "([A-Za-z0-9_.!~*'();:@&=+$,/?\\[\\]-]|" + ESCAPED + ")*";

    /** The address of a webhook as servers read it, its scheme apart, which has a rule with words of its own. */
    static final String ADDRESS = "^[^:]*://(" + USER + ")?([A-Za-z0-9._~-]+|\\[[0-9A-Fa-f:.]+\\])(:(" + PORT + ")?)?(/"
            + PATH + ")?(\\?" + QUERY + ")?(#" + QUERY + ")?$";

    /** A channel's name, or a pattern of names: without white space as servers know it. */
    static final String CHANNEL = "^[^\\s\\x0b]+$";
    static final String CHANNEL_PREFIX = "^[^\\s\\x0b]*$";

    /** Text that stays in its line. */
    static final String LINE = "^[^\\n\\r\\x{85}\\x{2028}\\x{2029}]+$";

    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";

    /** An address, a range of addresses, or all. */
    static final String PROXY = "^([*]|(" + OCTET + "\\.){3}" + OCTET + "(/(3[0-2]|[12]?[0-9]))?|"
            + "([0-9A-Fa-f]{0,4}:){2,7}([0-9A-Fa-f]{0,4}|[0-9.]+)(/(12[0-8]|1[01][0-9]|[0-9]?[0-9]))?)$";

    /** Redis nodes; an IPv6 address stands in brackets. */
    static final String NODES = "self.all(n, n.matches('^([A-Za-z0-9._-]+|\\\\[[0-9A-Fa-f:.]+\\\\]):" + PORT + "$'))";
    static final String NODES_MESSAGE = "write each node as host:port, such as redis-0.example.com:6379, with a port "
            + "from 1 to 65535";

    private Cel() {}
}
