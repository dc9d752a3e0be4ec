package dev.reverb.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.reverb.server.api.Route;
import dev.reverb.server.api.exchange.Query;
import dev.reverb.server.protocol.Signer;
import dev.reverb.server.protocol.Signers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * A request's query in any form: it is read without an exception, the short way through a plain one and the way through
 * an encoded one agree, and no signature verifies but the one over it.
 */
class QueryFuzzTest {

    private static final String SECRET = "secret";
    private static final Signer SIGNER = new Signer(SECRET);
    private static final Signers SIGNERS = new Signers();

    @FuzzTest
    void bothWaysOfReadingAgreeAndOnlyItsOwnSignatureVerifies(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.US_ASCII);
        Query query = Query.parse(text);
        List<String> signed = query.signed();
        assertFalse(signed.isEmpty());
        var _ = Route.of(text);
        String own = SIGNER.sign(signed.getFirst());
        assertTrue(SIGNERS.verifies(List.of(SECRET), signed.getFirst(), own));
        String given = query.get(Query.SIGNATURE);
        if (given != null && SIGNERS.verifies(List.of(SECRET), signed.getFirst(), given)) {
            assertEquals(own, given.toLowerCase(Locale.ROOT));
        }
        // one parameter more, encoded: the rest has to mean the same
        Query encoded = Query.parse("zz%7Az=1&" + text);
        for (String key : List.of("auth_key", "auth_timestamp", Query.SIGNATURE, "info", "body_md5")) {
            assertEquals(query.get(key), encoded.get(key), key);
        }
    }
}
