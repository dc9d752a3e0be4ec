package dev.reverb.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverb.e2e.cluster.Installation;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** After everything else: what the operator did all the time against what it is allowed to. */
@Order(Integer.MAX_VALUE)
@ExtendWith(InstalledOperator.class)
class PermissionsTest {

    private static final String ACCOUNT = "system:serviceaccount:" + Installation.NAMESPACE + ":"
            + Installation.RELEASE;

    /** Granted and never seen in these tests, each with its reason. */
    private static final Map<String, String> UNSEEN = Map.of("list events",
            "asked for only where a pod cannot be created", "patch persistentvolumeclaims",
            "asked for only where a volume grows, which those of the node cannot", "get reverbapps.reverb.dev",
            "the framework reads it again when removing the finalizer meets a conflict",
            "update leases.coordination.k8s.io", "asked for by the framework at start, which then patches",
            "update reverbclusters/finalizers.reverb.dev", "checked, never called: where blockOwnerDeletion is guarded",
            "update reverbapps/finalizers.reverb.dev", "checked, never called: where blockOwnerDeletion is guarded");

    /** Used and not granted by the chart, each with its reason. */
    private static final Map<String, String> BEYOND = Map.of("create selfsubjectrulesreviews.authorization.k8s.io",
            "every account may ask what it may do; the framework asks before it elects a leader");

    @Test
    @NeedsOwnNode("the API server's audit log")
    void theVerbsInUseAreTheVerbsGranted(Installation installation) throws IOException {
        TreeSet<String> used = new TreeSet<>();
        TreeSet<String> refused = new TreeSet<>();
        Path log = installation.kubernetes().kubeconfig().resolveSibling("../log/audit.log").normalize();
        JsonMapper json = new JsonMapper();
        try (Stream<String> lines = Files.lines(log)) {
            for (String line : (Iterable<String>) lines.filter(l -> l.contains(ACCOUNT))::iterator) {
                JsonNode event = json.readTree(line);
                JsonNode object = event.path("objectRef");
                if (!event.path("user").path("username").asText().equals(ACCOUNT)
                        || object.path("resource").asText().isEmpty()) {
                    continue;
                }
                String subresource = object.path("subresource").asText();
                String right = right(object.path("apiGroup").asText(),
                        object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource),
                        event.path("verb").asText());
                int code = event.path("responseStatus").path("code").asInt();
                boolean allowed = event.path("annotations")
                        .path("authorization.k8s.io/decision")
                        .asText()
                        .equals("allow");
                // allowed, and refused for another reason: such as a namespace that is being deleted
                (allowed ? used : refused).add(right);
                if (code == 201 && right.startsWith("patch ")) {
                    // a server-side apply that makes an object is logged as patch, and refused without create
                    used.add("create" + right.substring("patch".length()));
                }
            }
        }
        Set<String> granted = granted(installation);
        Set<String> unseen = new TreeSet<>(granted);
        unseen.removeAll(used);
        System.out.println("used: " + used + "\ngranted and never seen: " + unseen);
        unseen.removeAll(UNSEEN.keySet());
        Set<String> beyond = new TreeSet<>(used);
        beyond.removeAll(granted);
        beyond.removeAll(BEYOND.keySet());
        // what is granted was refused only to an operator whose chart was being uninstalled, or upgraded to fewer
        // namespaces
        refused.removeAll(granted);
        assertEquals(List.of(), List.copyOf(refused), "refused by the API server");
        assertEquals(List.of(), List.copyOf(unseen), "granted and never used");
        assertEquals(List.of(), List.copyOf(beyond), "used and not granted by the chart");
    }

    private static Set<String> granted(Installation installation) {
        Stream<PolicyRule> rules = Stream.concat(
                installation.client().rbac().clusterRoles().withName(Installation.RELEASE).get().getRules().stream(),
                installation.client()
                        .rbac()
                        .roles()
                        .inNamespace(Installation.NAMESPACE)
                        .withName(Installation.RELEASE + "-leader")
                        .get()
                        .getRules()
                        .stream());
        Set<String> granted = new TreeSet<>();
        rules.forEach(rule -> rule.getApiGroups()
                .forEach(group -> rule.getResources()
                        .forEach(resource -> rule.getVerbs()
                                .forEach(verb -> granted.add(right(group, resource, verb))))));
        return granted;
    }

    private static String right(String group, String resource, String verb) {
        return verb + " " + resource + (group.isEmpty() ? "" : "." + group);
    }
}
