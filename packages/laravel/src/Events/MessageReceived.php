<?php

declare(strict_types=1);

namespace Reverb\Laravel\Events;

/** A client has sent an event to a channel. */
final class MessageReceived
{
    public function __construct(
        public readonly string $appId,
        public readonly string $channel,
        public readonly string $event,
        public readonly mixed $data,
        public readonly string $socketId,
        public readonly ?string $userId,
    ) {
    }
}
