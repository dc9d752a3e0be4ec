<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** A user has left a presence channel, with the last of its connections. */
final class MemberRemoved
{
    public function __construct(
        public readonly string $appId,
        public readonly string $channel,
        public readonly string $userId,
    ) {
    }
}
