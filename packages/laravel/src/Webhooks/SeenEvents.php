<?php

declare(strict_types=1);

namespace Reverb\Laravel\Webhooks;

use Illuminate\Contracts\Cache\Repository;

/** The ids of events that were handled: a server sends each at least once, and again when an answer was lost. */
final class SeenEvents
{
    public function __construct(private readonly Repository $cache, private readonly int $seconds)
    {
    }

    /** Whether $id is new; from now on it is not. Two processes that ask together get one true. */
    public function claim(string $app, string $id): bool
    {
        return $this->cache->add($this->name($app, $id), 1, $this->seconds);
    }

    /** Its handling failed: the repetition is handled. */
    public function release(string $app, string $id): void
    {
        $this->cache->forget($this->name($app, $id));
    }

    private function name(string $app, string $id): string
    {
        return 'reverb-webhook:'.hash('sha256', $app."\n".$id);
    }
}
