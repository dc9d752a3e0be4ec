<?php

declare(strict_types=1);

namespace Reverb\Laravel\Pulse;

use Illuminate\Contracts\Cache\Repository;
use Illuminate\Contracts\Events\Dispatcher;
use Reverb\Laravel\Api\ServerApi;
use Reverb\Laravel\App;
use Reverb\Laravel\Events\MessageSent;
use RuntimeException;

/** Reads the numbers of every application once, and records what came since the time before. */
final class StatsReading
{
    private const REMEMBERED = 86_400;

    /** @param  list<App>  $apps */
    public function __construct(
        private readonly array $apps,
        private readonly ServerApi $api,
        private readonly Repository $cache,
        private readonly Dispatcher $events,
    ) {
    }

    /**
     * What of one application fails keeps nothing from the others.
     *
     * @param  int  $time  of the reading, seconds since 1970
     *
     * @throws RuntimeException when the server did not answer with the numbers of an application, after all were asked
     */
    public function run(PulseEntries $pulse, int $time): void
    {
        $failures = [];
        foreach ($this->apps as $app) {
            try {
                $this->read($app, $pulse, $time);
            } catch (RuntimeException $failure) {
                $failures[] = $failure->getMessage();
            }
        }
        if ($failures !== []) {
            throw new RuntimeException(implode('; ', array_unique($failures)));
        }
    }

    private function read(App $app, PulseEntries $pulse, int $time): void
    {
        $stats = $this->api->stats($app);
        $name = 'reverb-stats:'.hash('sha256', $app->id);
        [$sent, $received] = $stats->gained($this->cache->get($name));
        $this->cache->put($name, [$stats->sent, $stats->received, $stats->since], self::REMEMBERED);
        $pulse->connections($app->id, $stats->connections, $time);
        $pulse->messages($app->id, 'sent', $sent, $time);
        $pulse->messages($app->id, 'received', $received, $time);
        if ($sent > 0) {
            $this->events->dispatch(new MessageSent($app->id, $sent));
        }
    }
}
