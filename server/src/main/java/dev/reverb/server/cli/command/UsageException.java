package dev.reverb.server.cli.command;

/** The command line makes no sense; the message is one line that says why. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
