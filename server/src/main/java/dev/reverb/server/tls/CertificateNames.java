package dev.reverb.server.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The hosts that a certificate is for: its alternative names alone, as browsers ignore the common name. Pure. */
final class CertificateNames {
    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    private CertificateNames() {}

    /** Names and addresses, in their order; none when the certificate has none. */
    static List<String> of(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    if (alternative.get(0) instanceof Integer kind && (kind == DNS || kind == ADDRESS)) {
                        names.add(String.valueOf(alternative.get(1)));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return names;
    }

    /** Whether one of {@code names} is {@code host}, where a star stands for one label. */
    static boolean cover(Collection<String> names, String host) {
        String wanted = host.toLowerCase(Locale.ROOT).replaceAll("^\\[|]$", "");
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).anyMatch(name -> {
            int dot = wanted.indexOf('.');
            return name.equals(wanted)
                    || (name.startsWith("*.") && dot > 0 && name.substring(1).equals(wanted.substring(dot)));
        });
    }
}
