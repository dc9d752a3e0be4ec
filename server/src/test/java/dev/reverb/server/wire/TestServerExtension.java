package dev.reverb.server.wire;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test that asks for one a {@link TestServer}, and closes it after the test. */
final class TestServerExtension implements ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(TestServerExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestServer.class;
    }

    @Override
    public TestServer resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestServer server = new TestServer();
        // the store closes what it holds when the test's context ends
        context.getStore(NAMESPACE).put(parameter.getIndex(), server);
        return server;
    }
}
