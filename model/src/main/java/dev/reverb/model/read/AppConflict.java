package dev.reverb.model.read;

/**
 * Two applications claim one id or key.
 *
 * @param refused which one is refused, its position in what was compared
 * @param owner which one has it
 * @param what {@code id} or {@code key}
 * @param value what both claim
 */
public record AppConflict(int refused, int owner, String what, String value) {}
