<?php

declare(strict_types=1);

namespace Reverb\Laravel\Tests;

use PHPUnit\Framework\TestCase;
use Reverb\Laravel\Events;
use Reverb\Laravel\Pulse\ReverbRecorder;
use Reverb\Laravel\ReverbServiceProvider;

/** How Laravel finds the package, and what it leaves in an application. */
final class PackageTest extends TestCase
{
    public function testLaravelFindsTheProvider(): void
    {
        $composer = json_decode((string) file_get_contents(__DIR__.'/../composer.json'), true);
        self::assertSame([ReverbServiceProvider::class], $composer['extra']['laravel']['providers']);
        self::assertSame('src/', $composer['autoload']['psr-4']['Reverb\\Laravel\\']);
    }

    public function testThePublishedFileIsThatOfThePackage(): void
    {
        $laravel = new Laravel();
        $published = ReverbServiceProvider::pathsToPublish(ReverbServiceProvider::class, 'reverb-server');
        self::assertSame([$laravel->app->configPath('reverb-server.php')], array_values($published));
        self::assertFileEquals(__DIR__.'/../config/reverb-server.php', array_keys($published)[0]);
    }

    public function testTheConfigurationCanBeCached(): void
    {
        $config = (new Laravel())->app['config']['reverb-server'];
        self::assertSame($config, eval('return '.var_export($config, true).';')); // as config:cache writes and reads it
        self::assertStringNotContainsString('env(', implode(array_map('file_get_contents',
            [...glob(__DIR__.'/../src/*.php'), ...glob(__DIR__.'/../src/*/*.php')])), 'env() is null once it is cached');
    }

    public function testAFileThatSetsOneKeyOfTheWebhookKeepsTheOthers(): void
    {
        $laravel = new Laravel(['reverb-server.webhook' => ['path' => 'hooks/ws']]);
        self::assertSame(['hooks/ws'], self::routes($laravel));
        self::assertSame(86400, $laravel->app['config']['reverb-server.webhook.remember']);
        self::assertSame([], self::routes(new Laravel(['reverb-server.webhook.path' => null])));
    }

    public function testTheRouteCanBeCached(): void
    {
        foreach ((new Laravel())->app['router']->getRoutes()->getRoutes() as $route) {
            $route->prepareForSerialization();
            self::assertSame('reverb.webhook', unserialize(serialize($route))->getName());
        }
    }

    /** The views of the cards read the sample rate of laravel/reverb's recorders, and fail where there is none. */
    public function testTheCardsFindTheSampleRateOfRecordersThatDoNotRecord(): void
    {
        $connections = 'Laravel\\Reverb\\Pulse\\Recorders\\ReverbConnections';
        $messages = 'Laravel\\Reverb\\Pulse\\Recorders\\ReverbMessages';
        $off = ['enabled' => false, 'sample_rate' => 1];
        $recorders = static fn (array $listed): array => (new Laravel(['pulse.recorders' => $listed]))->app['config']['pulse.recorders'];
        self::assertSame([ReverbRecorder::class => [], $connections => $off, $messages => $off], $recorders([ReverbRecorder::class => []]));
        $own = [ReverbRecorder::class => [], $messages => ['sample_rate' => 0.5], $connections => false];
        self::assertSame([ReverbRecorder::class => [], $messages => ['sample_rate' => 0.5], $connections => $off], $recorders($own));
        self::assertSame(['Other' => []], $recorders(['Other' => []]));
        self::assertNull((new Laravel())->app['config']['pulse']);
    }

    /** @return list<string> */
    private static function routes(Laravel $laravel): array
    {
        return array_map(static fn ($route): string => $route->uri(), $laravel->app['router']->getRoutes()->getRoutes());
    }

    /** A listener that implements ShouldQueue gets the event from the queue. */
    public function testEventsLiveThroughAQueue(): void
    {
        foreach ([new Events\MessageReceived('a', 'private-c', 'client-x', '{"a":1}', '1.2', null), new Events\MessageSent('a', 5),
            new Events\ChannelCreated('a', 'c'), new Events\ChannelRemoved('a', 'c'), new Events\ConnectionPruned('a', '1.2')] as $event) {
            self::assertEquals($event, unserialize(serialize($event)));
        }
    }
}
