<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** A connection has ended, with its close code. */
final class ConnectionClosed
{
    public function __construct(
        public readonly string $appId,
        public readonly string $socketId,
        public readonly int $code,
        public readonly string $reason,
    ) {
    }
}
