<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** A channel has lost its last subscriber; a page that is reloaded within three seconds does not count. */
final class ChannelRemoved
{
    public function __construct(
        public readonly string $appId,
        public readonly string $channel,
    ) {
    }
}
