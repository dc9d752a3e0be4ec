<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** A client has subscribed to a cache channel that holds no event. */
final class CacheMissed
{
    public function __construct(
        public readonly string $appId,
        public readonly string $channel,
    ) {
    }
}
