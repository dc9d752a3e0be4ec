<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** A connection was closed because its client did not answer a ping. */
final class ConnectionPruned
{
    public function __construct(
        public readonly string $appId,
        public readonly string $socketId,
    ) {
    }
}
