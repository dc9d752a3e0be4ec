<?php

declare(strict_types=1);

namespace Reverb\Laravel\Console;

use Illuminate\Console\Command;
use Illuminate\Contracts\Config\Repository;
use Reverb\Laravel\Api\ServerApi;
use Reverb\Laravel\App;
use RuntimeException;

/** Restarts the server by its HTTP API, wherever it runs; its application has to be allowed to (allow_restart). */
final class RestartCommand extends Command
{
    /** @var string */
    protected $signature = 'reverb:restart {--app= : The id of the application that asks; the first of reverb-server.apps without}';

    /** @var string */
    protected $description = 'Restart the Reverb server, or one after the other all servers of its cluster';

    /** 0 when the server does it, 1 with the reason when not. */
    public function handle(ServerApi $api, Repository $config): int
    {
        $wanted = $this->option('app');
        $apps = App::all($config->get('reverb-server.apps'));
        foreach ($apps as $app) {
            if ($wanted === null || $wanted === $app->id) {
                return $this->restart($api, $app);
            }
        }
        $this->error($wanted === null ? 'reverb-server.apps names no application'
            : "reverb-server.apps has no application with the id $wanted");

        return 1;
    }

    private function restart(ServerApi $api, App $app): int
    {
        try {
            $nodes = $api->restart($app);
        } catch (RuntimeException $failure) {
            $this->error($failure->getMessage());

            return 1;
        }
        $this->info($nodes === 1 ? 'The server drains and ends; what supervises it starts it again.'
            : "The $nodes servers drain and end one at a time, each when the one before is back.");

        return 0;
    }
}
