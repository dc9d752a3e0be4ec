package dev.reverb.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SignerTest {

    /** The worked example of Pusher's documentation of channel authorisation. */
    @Test
    void signsAsPushersDocumentationDoes() {
        Signer signer = new Signer("7ad3773142a6692b25b8");
        String signature = "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4";
        assertEquals(signature, signer.sign("1234.1234:private-foobar"));
        assertTrue(signer.verifies("1234.1234:private-foobar", signature));
        assertFalse(signer.verifies("1234.1234:private-foobaz", signature));
        assertFalse(signer.verifies("1234.1234:private-foobar", signature.substring(2)));
        assertFalse(signer.verifies("1234.1234:private-foobar", "zz"));
        assertFalse(signer.verifies("1234.1234:private-foobar", ""));
    }
}
