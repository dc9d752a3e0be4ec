package dev.reverb.server.cluster.redis.link;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Another link, to be changed by a subclass. */
public class ForwardingLink implements Link {

    private final Link link;

    public ForwardingLink(Link link) {
        this.link = link;
    }

    @Override
    public void start() {
        link.start();
    }

    @Override
    public boolean up() {
        return link.up();
    }

    @Override
    public void run(Script script, byte[][] keys, byte[][] arguments,
            BiConsumer<@Nullable List<Object>, @Nullable Throwable> done) {
        link.run(script, keys, arguments, done);
    }

    @Override
    public <T> void send(Command<T> command, BiConsumer<@Nullable T, @Nullable Throwable> done) {
        link.send(command, done);
    }

    @Override
    public void subscribe(byte[] topic) {
        link.subscribe(topic);
    }

    @Override
    public void unsubscribe(byte[] topic) {
        link.unsubscribe(topic);
    }

    @Override
    public byte[] publishVerb() {
        return link.publishVerb();
    }

    @Override
    public boolean slots() {
        return link.slots();
    }

    @Override
    public CompletionStage<Void> close() {
        return link.close();
    }
}
