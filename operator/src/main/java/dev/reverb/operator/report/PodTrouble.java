package dev.reverb.operator.report;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Why pods do not get ready, in the words of the kubelet and the scheduler. Pure. */
public final class PodTrouble {
    /** The kubelet's and the scheduler's words for what does not mend itself. */
    private static final Set<String> WAITING = Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName",
            "ErrImageNeverPull", "CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError",
            "RunContainerError", "PreCreateHookError", "StartError");
    private static final String UNSCHEDULABLE = "Unschedulable";
    private static final String EVICTED = "Evicted";
    private static final Pattern CHANGING = Pattern.compile("back-off \\S+ ");
    private static final int LONGEST = 400;

    private PodTrouble() {}

    /** Whether {@code reason} is one of those that are found here. */
    public static boolean is(String reason) {
        return WAITING.contains(reason) || reason.equals(UNSCHEDULABLE) || reason.equals(EVICTED);
    }

    /** One problem for each of {@code pods} that is in trouble; those that are being deleted are not. */
    public static List<Problem> of(List<Pod> pods) {
        return pods.stream()
                .filter(pod -> pod.getStatus() != null && pod.getMetadata().getDeletionTimestamp() == null)
                .flatMap(pod -> of(pod).stream())
                .toList();
    }

    private static Optional<Problem> of(Pod pod) {
        return unschedulable(pod).or(() -> waiting(pod)).or(() -> evicted(pod));
    }

    private static Optional<Problem> unschedulable(Pod pod) {
        return pod.getStatus()
                .getConditions()
                .stream()
                .filter(condition -> "PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus())
                        && UNSCHEDULABLE.equals(condition.getReason()))
                .findFirst()
                .map(condition -> problem(pod, UNSCHEDULABLE, condition.getMessage()));
    }

    private static Optional<Problem> waiting(Pod pod) {
        return Stream.of(pod.getStatus().getInitContainerStatuses(), pod.getStatus().getContainerStatuses())
                .flatMap(List::stream)
                .flatMap(status -> waiting(pod, status).stream())
                .findFirst();
    }

    private static Optional<Problem> waiting(Pod pod, ContainerStatus status) {
        return Optional.ofNullable(status.getState())
                .map(ContainerState::getWaiting)
                .filter(waiting -> waiting.getReason() != null && WAITING.contains(waiting.getReason()))
                .map(waiting -> problem(pod, waiting.getReason(), text(status, waiting)));
    }

    /** The kubelet's message, and for one that crashed how its last run ended. */
    private static String text(ContainerStatus status, ContainerStateWaiting waiting) {
        String message = CHANGING.matcher(Objects.requireNonNullElse(waiting.getMessage(), "")).replaceAll("back-off ");
        ContainerStateTerminated ended = status.getLastState() == null ? null : status.getLastState().getTerminated();
        if (ended == null) {
            return message;
        }
        String last = ended.getMessage() == null ? "" : ": " + ended.getMessage().strip();
        return message + "; its last run ended with " + ended.getExitCode() + " (" + ended.getReason() + ")" + last;
    }

    private static Optional<Problem> evicted(Pod pod) {
        return EVICTED.equals(pod.getStatus().getReason())
                ? Optional.of(problem(pod, EVICTED, pod.getStatus().getMessage()))
                : Optional.empty();
    }

    private static Problem problem(Pod pod, String reason, String message) {
        String text = pod.getMetadata().getName() + ": " + reason + ": " + Objects.requireNonNullElse(message, "");
        return Problem.partial(reason, text.length() > LONGEST ? text.substring(0, LONGEST) : text);
    }
}
