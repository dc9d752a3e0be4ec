package dev.reverb.server.wire;

/** For what a busy machine may spoil and a broken server always does: it has to come out right once in three times. */
final class Attempts {

    private static final int NUMBER = 3;

    private Attempts() {}

    /** One attempt, with a server of its own. */
    @FunctionalInterface
    interface Attempt {
        /** @param number from 0 to 2 */
        void with(TestServer server, int number) throws Exception;
    }

    static void three(Attempt attempt) throws Exception {
        for (int number = 0;; number++) {
            try (TestServer server = new TestServer()) {
                attempt.with(server, number);
                return;
            } catch (AssertionError e) {
                if (number == NUMBER - 1) {
                    throw e;
                }
            }
        }
    }
}
