package dev.reverb.e2e;

import dev.reverb.e2e.cluster.Installation;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the operator, installed once for the whole run. */
public final class InstalledOperator implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(InstalledOperator.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        installation(context);
    }

    private static Installation installation(ExtensionContext context) {
        return context.getRoot().getStore(STORE).computeIfAbsent(Installation.class, _ -> {
            Installation installation = new Installation();
            installation.install();
            return installation;
        }, Installation.class);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Installation.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return installation(context);
    }
}
