package dev.reverb.model;

/**
 * Patterns in which {@code *} stands for any characters, none too. Matching takes at most the product of both lengths:
 * the last {@code *} alone is gone back to. Pure.
 */
public final class Glob {

    private Glob() {}

    /** Whether {@code pattern}, in which {@code ?} stands for one character, matches all of {@code text}. */
    public static boolean matches(String pattern, String text) {
        return matches(pattern, text, true);
    }

    /** The same for a pattern in which {@code ?} is an ordinary character. */
    public static boolean matchesStars(String pattern, String text) {
        return matches(pattern, text, false);
    }

    private static boolean matches(String pattern, String text, boolean questionMarks) {
        int p = 0;
        int t = 0;
        int star = -1;
        int from = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                from = t;
            } else if (p < pattern.length()
                    && (pattern.charAt(p) == text.charAt(t) || (questionMarks && pattern.charAt(p) == '?'))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++from;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
