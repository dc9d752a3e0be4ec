<?php

declare(strict_types=1);

namespace Reverb\Laravel\Tests;

use Illuminate\Cache\CacheServiceProvider;
use Illuminate\Config\Repository;
use Illuminate\Events\EventServiceProvider;
use Illuminate\Filesystem\FilesystemServiceProvider;
use Illuminate\Foundation\Application;
use Illuminate\Http\Request;
use Illuminate\Routing\RoutingServiceProvider;
use Illuminate\Support\Facades\Facade;
use Reverb\Laravel\ReverbServiceProvider;
use Symfony\Component\HttpFoundation\Response;

/** A Laravel application with the package in it, and what was dispatched. */
final class Laravel
{
    public readonly Application $app;

    /** @var list<object> */
    public array $dispatched = [];

    /**
     * @param  array<string, mixed>  $settings  over those of the package, by dotted keys
     * @param  string|null  $folder  where the application is
     */
    public function __construct(array $settings = [], ?string $folder = null)
    {
        $this->app = new Application($folder ?? sys_get_temp_dir());
        $this->app->instance('config', new Repository(['cache' => ['default' => 'array', 'prefix' => '',
            'stores' => ['array' => ['driver' => 'array']]]]));
        Facade::setFacadeApplication($this->app);
        foreach ([EventServiceProvider::class, FilesystemServiceProvider::class, RoutingServiceProvider::class, CacheServiceProvider::class] as $provider) {
            $this->app->register($provider);
        }
        foreach ($settings + ['reverb-server.apps' => [['app_id' => 'shop', 'key' => 'shop-key', 'secret' => 'shop-secret'],
            ['app_id' => 'chat', 'key' => 'chat-key', 'secret' => 'chat-secret']]] as $key => $value) {
            // set before the provider merges its own below them
            $this->app['config']->set($key, $value);
        }
        $this->app->register(ReverbServiceProvider::class);
        $this->app['events']->listen('Reverb\Laravel\Events\*', function (string $name, array $payload): void {
            $this->dispatched[] = $payload[0];
        });
        $this->app->boot();
    }

    /** A webhook of the application shop, unless said otherwise. */
    public function webhook(string $body, string $key = 'shop-key', string $secret = 'shop-secret'): Response
    {
        return $this->post($body, ['X-Pusher-Key' => $key, 'X-Pusher-Signature' => hash_hmac('sha256', $body, $secret)]);
    }

    /** @param  array<string, string>  $headers */
    public function post(string $body, array $headers): Response
    {
        $request = Request::create('/reverb/webhook', 'POST', [], [], [], ['CONTENT_TYPE' => 'application/json'], $body);
        $request->headers->add($headers);
        $this->app->instance('request', $request);

        return $this->app['router']->dispatch($request);
    }
}
