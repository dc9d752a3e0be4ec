<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** A channel has its first subscriber, over all servers. */
final class ChannelCreated
{
    public function __construct(
        public readonly string $appId,
        public readonly string $channel,
    ) {
    }
}
