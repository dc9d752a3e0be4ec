<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** A user has joined a presence channel, with the first of its connections. */
final class MemberAdded
{
    public function __construct(
        public readonly string $appId,
        public readonly string $channel,
        public readonly string $userId,
    ) {
    }
}
