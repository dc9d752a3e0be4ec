<?php

declare(strict_types=1);

namespace Reverb\Laravel;

use Illuminate\Contracts\Cache\Factory as Caches;
use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Contracts\Foundation\Application;
use Illuminate\Support\ServiceProvider;
use Reverb\Laravel\Api\ServerApi;
use Reverb\Laravel\Console\RestartCommand;
use Reverb\Laravel\Pulse\ReverbRecorder;
use Reverb\Laravel\Pulse\StatsReading;
use Reverb\Laravel\Webhooks\SeenEvents;
use Reverb\Laravel\Webhooks\WebhookController;

/** The webhook's route, artisan's command, and what the recorder for Pulse needs. */
final class ReverbServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->mergeConfigFrom(__DIR__.'/../config/reverb-server.php', 'reverb-server');
        $config = $this->app['config'];
        // the merge is of the first level; a file that sets one key of the webhook keeps the others
        $config->set('reverb-server.webhook', array_replace((require __DIR__.'/../config/reverb-server.php')['webhook'],
            $config->get('reverb-server.webhook')));
        $config->set($this->cards($config->get('pulse.recorders')));
        $this->app->bind(ServerApi::class, static fn (Application $app): ServerApi => new ServerApi(
            $app['config']['reverb-server.url'], (int) $app['config']['reverb-server.timeout']));
        $this->app->bind(StatsReading::class, static fn (Application $app): StatsReading => new StatsReading(
            App::all($app['config']['reverb-server.apps']), $app->make(ServerApi::class), self::cache($app),
            $app->make(Dispatcher::class)));
        $this->app->bind(WebhookController::class, static fn (Application $app): WebhookController => new WebhookController(
            App::all($app['config']['reverb-server.apps']), (int) $app['config']['reverb-server.webhook.tolerance'],
            new SeenEvents(self::cache($app), (int) $app['config']['reverb-server.webhook.remember']),
            $app->make(Dispatcher::class)));
    }

    public function boot(): void
    {
        $this->publishes([__DIR__.'/../config/reverb-server.php' => $this->app->configPath('reverb-server.php')], 'reverb-server');
        if ($this->app->runningInConsole()) {
            $this->commands([RestartCommand::class]);
        }
        $webhook = $this->app['config']['reverb-server.webhook'];
        if (is_string($webhook['path']) && ! $this->app->routesAreCached()) {
            $this->app['router']->post($webhook['path'], WebhookController::class)
                ->middleware($webhook['middleware'])
                ->name('reverb.webhook');
        }
    }

    /**
     * The views of Pulse's cards take the sample rate from what is configured of laravel/reverb's own recorders, and fail
     * where nothing is. With the recorder of this package they are configured, and do not record.
     *
     * @return array<string, mixed>
     */
    private function cards(mixed $recorders): array
    {
        if (! is_array($recorders) || ($recorders[ReverbRecorder::class] ?? false) === false) {
            return [];
        }
        foreach (['ReverbConnections', 'ReverbMessages'] as $name) {
            $class = "Laravel\\Reverb\\Pulse\\Recorders\\$name";
            if (! is_array($recorders[$class] ?? null)) {
                $recorders[$class] = ['enabled' => false, 'sample_rate' => 1];
            } elseif (! isset($recorders[$class]['sample_rate'])) {
                $recorders[$class]['sample_rate'] = 1;
            }
        }

        return ['pulse.recorders' => $recorders];
    }

    private static function cache(Application $app): \Illuminate\Contracts\Cache\Repository
    {
        return $app->make(Caches::class)->store($app['config']['reverb-server.webhook.store']);
    }
}
