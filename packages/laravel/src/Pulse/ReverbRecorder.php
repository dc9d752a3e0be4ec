<?php

declare(strict_types=1);

namespace Reverb\Laravel\Pulse;

use Laravel\Pulse\Events\IsolatedBeat;

/**
 * A recorder of Pulse: on one server at a time, as pulse:check beats, it records connections and messages of every
 * application. To be listed in config/pulse.php instead of laravel/reverb's two.
 */
final class ReverbRecorder
{
    /** @var class-string */
    public string $listen = IsolatedBeat::class;

    public function __construct(private readonly StatsReading $reading, private readonly LaravelPulse $pulse)
    {
    }

    public function record(IsolatedBeat $event): void
    {
        if ($event->time->second % 15 === 0) { // a beat is every second
            $this->reading->run($this->pulse, $event->time->getTimestamp());
        }
    }
}
