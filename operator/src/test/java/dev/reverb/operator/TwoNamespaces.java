package dev.reverb.operator;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** For tests of a cluster "chat" and of apps of a team in another namespace, which the operator watches too. */
abstract class TwoNamespaces {
    Harness harness;
    Kubelet kubelet;
    String team = "";

    @BeforeEach
    void start() {
        team = ApiServer.namespace();
        harness = new Harness();
        harness.restart(Map.of("REVERB_OPERATOR_NAMESPACES", harness.namespace + "," + team));
        kubelet = new Kubelet(harness.namespace, "chat").run();
    }

    @AfterEach
    void stop() {
        kubelet.close();
        harness.close();
    }
}
