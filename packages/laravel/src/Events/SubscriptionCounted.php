<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** How many subscribe to a channel has changed. */
final class SubscriptionCounted
{
    public function __construct(
        public readonly string $appId,
        public readonly string $channel,
        public readonly int $count,
    ) {
    }
}
