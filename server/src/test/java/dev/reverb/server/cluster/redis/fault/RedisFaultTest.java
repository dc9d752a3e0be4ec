package dev.reverb.server.cluster.redis.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.cluster.redis.fault.RedisFault.Effect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The replies are quoted from Redis 6.2, 7.0 and 7.4. */
class RedisFaultTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        OOM command not allowed when used memory > 'maxmemory'. script: f_1, on @user_script:163.   | OOM
        ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -OOM command not allowed | OOM
        MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist       | MISCONF
        NOREPLICAS Not enough good replicas to write.                                                 | NOREPLICAS
        NOPERM this user has no permissions to access one of the channels used as arguments           | NOPERM
        NOPERM User u has no permissions to run the 'evalsha' command                                 | NOPERM
        ERR The user executing the script can't run this command or subcommand script: f_1, on @user_script:1. | NOPERM
        ERR Error running script (call to f_1): @user_script:1: The user executing the script can't access  | NOPERM
        NOAUTH Authentication required.                                                               | NOAUTH
        WRONGPASS invalid username-password pair or user is disabled.                                 | WRONGPASS
        ERR AUTH <password> called without any password configured for the default user.             | WRONGPASS
        ERR Client sent AUTH, but no password is set                                                  | WRONGPASS
        READONLY You can't write against a read only replica. script: f_1, on @user_script:163.       | READONLY
        MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.              | MASTERDOWN
        LOADING Redis is loading the dataset in memory                                                | LOADING
        BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.        | BUSY
        CLUSTERDOWN Hash slot not served                                                              | CLUSTERDOWN
        MOVED 3999 127.0.0.1:6381                                                                     | MOVED
        ASK 3999 127.0.0.1:6381                                                                       | ASK
        TRYAGAIN Multiple keys request during rehashing of slot                                       | TRYAGAIN
        CROSSSLOT Keys in request don't hash to the same slot                                         | CROSSSLOT
        WRONGTYPE Operation against a key holding the wrong kind of value script: f_1, on @user_script:3. | WRONGTYPE
        ERR Error running script (call to f_1): @user_script:3: WRONGTYPE Operation against a key     | WRONGTYPE
        NOSCRIPT No matching script. Please use EVAL.                                                 | NOSCRIPT
        ERR unknown command 'evalsha', with args beginning with:                                      | UNKNOWN_COMMAND
        ERR Unknown Redis command called from script script: f_1, on @user_script:1.                  | UNKNOWN_COMMAND
        ERR user_script:163: attempt to perform arithmetic on a nil value script: f_1                 | SCRIPT
        ERR max number of clients reached                                                             | OTHER
        SOMETHING new                                                                                 | OTHER
        """)
    void aReplyIsClassifiedByItsCodeOrByWhatAScriptWraps(String reply, RedisFault fault) {
        assertEquals(fault, RedisFault.ofReply(reply));
    }

    @Test
    void whatNobodyKnowsCountsAsNoLink() {
        assertEquals(Effect.LINK_DOWN, RedisFault.ofReply("SOMETHING new").effect());
        assertEquals(Effect.FRAME, RedisFault.SCRIPT.effect());
        assertEquals(Effect.PARTITION, RedisFault.WRONGTYPE.effect());
    }
}
