package dev.reverb.operator.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.operator.desired.app.AppSecret;
import dev.reverb.operator.desired.exposure.ForeignObjects;
import dev.reverb.operator.desired.exposure.ServerIngress;
import dev.reverb.operator.desired.server.ServerNetworkPolicy;
import dev.reverb.operator.desired.server.ServerServices;
import dev.reverb.operator.desired.server.ServerStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code spec.api}: the HTTP API on a port and a Service of its own, and only /app at the edge. */
class ApiApartTest {

    @Test
    void serversListenForItAndTheInnerServiceLeadsThere() {
        ClusterPlan plan = Plans.of("{api: {}}");
        Container server = ServerStatefulSet.template(plan, "").getSpec().getContainers().getFirst();
        String port = server.getEnv()
                .stream()
                .filter(variable -> variable.getName().equals("REVERB_API_PORT"))
                .findFirst()
                .orElseThrow()
                .getValue();
        assertTrue(server.getPorts()
                .stream()
                .anyMatch(open -> open.getName().equals("api") && port.equals(open.getContainerPort().toString())));
        Service service = ServerServices.api(plan).orElseThrow();
        assertEquals("chat-api", service.getMetadata().getName());
        assertEquals("api", service.getSpec().getPorts().getFirst().getTargetPort().getStrVal());
        assertTrue(ServerNetworkPolicy.of(plan)
                .orElseThrow()
                .getSpec()
                .getIngress()
                .stream()
                .anyMatch(rule -> rule.getFrom().size() == 1
                        && port.equals(rule.getPorts().getFirst().getPort().getValue().toString())));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{}|/ chat", "{api: {enabled: false, publish: true}}|/ chat",
            "{api: {}}|/app chat", "{api: {publish: true}}|/app chat, /apps chat-api"})
    void theEdgePublishesClientsOnlyUnlessTheApiIsAskedFor(String api, String published) {
        String rest = api.equals("{}") ? "{" : api.substring(0, api.length() - 1) + ", ";
        ClusterPlan ingress = Plans.of(rest + "ingress: {host: a.b}}");
        assertEquals(published,
                String.join(", ",
                        ServerIngress.of(ingress)
                                .orElseThrow()
                                .getSpec()
                                .getRules()
                                .getFirst()
                                .getHttp()
                                .getPaths()
                                .stream()
                                .map(path -> path.getPath() + " " + path.getBackend().getService().getName())
                                .toList()));
        ClusterPlan gateway = Plans.of(rest + "gateway: {parentRefs: [{name: g}], hostnames: [a.b]}}");
        String route = Serialization
                .asYaml(Objects.requireNonNull(ForeignObjects.of(gateway).get(ForeignKind.HTTP_ROUTE)));
        List<String> prefixes = route.lines()
                .filter(line -> line.contains("value:"))
                .map(line -> line.replaceAll(".*value: \"?([^\"]*)\"?", "$1"))
                .toList();
        assertEquals(published.replaceAll(" chat(-api)?", ""), String.join(", ", prefixes));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{ingress: {host: a.b, tls: {}}, api: {}}|http chat-api.team.svc 8080|wss://a.b",
            "{tls: {secretName: c}, api: {}}|https chat-api.team.svc 8080|wss://chat.team.svc:8080",
            "{ingress: {host: a.b, tls: {}}}|https a.b 443|wss://a.b",
            "{ingress: {host: a.b, tls: {}}, api: {enabled: false}}|https a.b 443|wss://a.b"})
    void backEndsAreSentToTheInnerServiceAndBrowsersToTheEdge(String spec, String address, String url) {
        ClusterPlan plan = Plans.of(spec);
        Secret secret = AppSecret.address(AppSecret.metadata(plan, "app"), "app", plan.apiAddress());
        assertEquals(address, decoded(secret, "REVERB_SCHEME") + " " + decoded(secret, "REVERB_HOST") + " "
                + decoded(secret, "REVERB_PORT"));
        assertEquals(url, plan.publicAddress().url());
    }

    @Test
    void aCertificateHasTheNamesOfTheInnerServiceToo() {
        ClusterPlan plan = Plans.of("{tls: {issuerRef: {name: i}}, api: {}}");
        assertTrue(Serialization.asYaml(ForeignObjects.of(plan).get(ForeignKind.CERTIFICATE))
                .contains("chat-api.team.svc"));
    }

    @Test
    void nothingIsThereUnlessItIsAskedFor() {
        assertEquals(Optional.empty(), ServerServices.api(Plans.of("{}")));
        assertEquals(ServerStatefulSet.digest(ServerStatefulSet.template(Plans.of("{}"), "")),
                ServerStatefulSet.digest(ServerStatefulSet.template(Plans.of("{api: {enabled: false}}"), "")));
    }

    private static String decoded(Secret secret, String key) {
        return new String(Base64.getDecoder().decode(Objects.requireNonNull(secret.getData().get(key))),
                StandardCharsets.UTF_8);
    }
}
