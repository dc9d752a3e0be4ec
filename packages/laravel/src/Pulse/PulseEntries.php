<?php

declare(strict_types=1);

namespace Reverb\Laravel\Pulse;

/** What is recorded for Pulse. */
interface PulseEntries
{
    /** Connections of an application at a time, seconds since 1970. */
    public function connections(string $appId, int $count, int $time): void;

    /** Messages of an application, counted; $kind is "sent" or "received". */
    public function messages(string $appId, string $kind, int $count, int $time): void;
}
