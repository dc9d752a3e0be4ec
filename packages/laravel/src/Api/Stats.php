<?php

declare(strict_types=1);

namespace Reverb\Laravel\Api;

/** The numbers of one application: connections now, and messages since $since, milliseconds since 1970. */
final class Stats
{
    public function __construct(
        public readonly int $connections,
        public readonly int $sent,
        public readonly int $received,
        public readonly int $since,
    ) {
    }

    /**
     * What was sent and received since $before. Counting that began anew, or a number that fell because a server was
     * restarted, begins at zero.
     *
     * @param  array{int, int, int}|null  $before  sent, received and since of the time before; null at the first time
     * @return array{int, int}
     */
    public function gained(?array $before): array
    {
        if ($before === null) {
            return [0, 0]; // nobody knows over which time they came
        }
        $anew = $before[2] !== $this->since;
        $gain = static fn (int $now, int $then): int => $anew || $now < $then ? $now : $now - $then;

        return [$gain($this->sent, $before[0]), $gain($this->received, $before[1])];
    }
}
