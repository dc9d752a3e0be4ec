<?php

declare(strict_types=1);

namespace Reverb\Laravel\Webhooks;

use Illuminate\Contracts\Cache\Repository;

/** The ids of events that were handled: a server sends each at least once, and again when an answer was lost. */
final class SeenEvents
{
    /** Seconds after which an event whose process never ended with it is handled by the next repetition. */
    public const IN_HAND = 60;

    private const MARK = 'in hand';

    public function __construct(private readonly Repository $cache, private readonly int $seconds)
    {
    }

    /** Of two processes that ask together one gets Taken; that one calls done or release. */
    public function claim(string $app, string $id): Claim
    {
        $name = $this->name($app, $id);
        if ($this->cache->add($name, self::MARK, self::IN_HAND)) {
            return Claim::Taken;
        }

        return in_array($this->cache->get($name), [self::MARK, null], true) ? Claim::InHand : Claim::Done;
    }

    /** It was handled: its repetitions are left out. */
    public function done(string $app, string $id): void
    {
        $this->cache->put($this->name($app, $id), 1, $this->seconds);
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
