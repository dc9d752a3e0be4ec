package dev.reverb.server.webhook.send;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Finds addresses of names. Blocks: it is called on threads of its own. */
@FunctionalInterface
public interface HostResolver {

    /** By the system. */
    HostResolver SYSTEM = InetAddress::getAllByName;

    /** All addresses of {@code host}, at least one. */
    InetAddress[] resolve(String host) throws UnknownHostException;

    /** Look-ups of one application that may wait for a name server at once. */
    int OF_ONE_APPLICATION = 4;

    /** Threads that may wait for a name server, at most 256; those without work end. */
    static ExecutorService threads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(256, 256, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("reverb-webhook-dns-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }
}
