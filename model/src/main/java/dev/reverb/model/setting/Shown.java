package dev.reverb.model.setting;

import java.util.regex.Pattern;

/** Text that came from outside, made fit for one line of a log. */
public final class Shown {
    /** What may steer a terminal (C0, DEL and C1) or change the order of what is read. */
    private static final Pattern UNFIT = Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029]+");
    /** User information of an address. */
    private static final Pattern USER_INFO = Pattern.compile("(?i)(^|://)[^/?#\\s]*:[^/?#\\s]*@");
    private static final Pattern LINE_BREAKS = Pattern.compile("\\s*[\\r\\n]+\\s*");
    private static final int MOST = 80;

    private Shown() {}

    /** {@code text} as one line that steers no terminal. */
    static String line(String text) {
        return UNFIT.matcher(LINE_BREAKS.matcher(text).replaceAll(" ")).replaceAll(" ");
    }

    /** {@code text} in quotation marks, at most 80 characters of it, passwords in addresses masked. */
    public static String quoted(String text) {
        String masked = USER_INFO.matcher(text.length() > 4_096 ? text.substring(0, 4_096) : text)
                .replaceAll("$1****@");
        String fit = UNFIT.matcher(masked).replaceAll(" ");
        return '"' + (fit.length() > MOST ? fit.substring(0, MOST) + "…" : fit) + '"';
    }
}
