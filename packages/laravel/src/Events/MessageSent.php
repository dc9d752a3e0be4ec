<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** Messages were sent to clients: how many since the last time it was asked. One publication is many messages, so that there is no event for each. */
final class MessageSent
{
    public function __construct(
        public readonly string $appId,
        public readonly int $count,
    ) {
    }
}
