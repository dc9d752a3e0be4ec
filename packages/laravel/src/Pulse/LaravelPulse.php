<?php

declare(strict_types=1);

namespace Reverb\Laravel\Pulse;

use Laravel\Pulse\Pulse;

/** Pulse itself, with the types that the cards of laravel/reverb read. */
final class LaravelPulse implements PulseEntries
{
    /** Pulse counts entries, so that a message is one; beyond this a beat would take too long, and the log says so. */
    private const MOST = 100_000;

    public function __construct(private readonly Pulse $pulse)
    {
    }

    public function connections(string $appId, int $count, int $time): void
    {
        $this->pulse->record('reverb_connections', $appId, $count, $time)->avg()->max()->onlyBuckets();
    }

    public function messages(string $appId, string $kind, int $count, int $time): void
    {
        if ($count > self::MOST) {
            logger()->warning("Pulse shows ".self::MOST." of $count messages $kind of the application $appId");
        }
        for ($i = 0; $i < min($count, self::MOST); $i++) {
            $this->pulse->record("reverb_message:$kind", $appId, timestamp: $time)->count()->onlyBuckets();
        }
    }
}
