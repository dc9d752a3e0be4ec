<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** A client has connected. */
final class ConnectionOpened
{
    public function __construct(
        public readonly string $appId,
        public readonly string $socketId,
    ) {
    }
}
