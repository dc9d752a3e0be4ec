<?php

declare(strict_types=1);

namespace Laravel\Pulse\Events;

use Carbon\CarbonImmutable;

/** Where laravel/pulse is not installed: what it calls its recorders with, on one server, every second. */
final class IsolatedBeat
{
    public function __construct(public readonly CarbonImmutable $time)
    {
    }
}
