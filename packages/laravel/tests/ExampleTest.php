<?php

declare(strict_types=1);

namespace Reverb\Laravel\Tests;

use App\Events\OrderShipped;
use App\Listeners\GreetFirstVisitor;
use Illuminate\Broadcasting\Broadcasters\Broadcaster;
use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Broadcasting\BroadcastServiceProvider;
use Illuminate\Bus\BusServiceProvider;
use Illuminate\Contracts\Queue\ShouldQueue;
use PHPUnit\Framework\TestCase;
use Reverb\Laravel\Events\ChannelCreated;
use Reverb\Laravel\Pulse\ReverbRecorder;

/** The files of examples/laravel, in an application with the package. */
final class ExampleTest extends TestCase
{
    private const EXAMPLES = __DIR__.'/../../../examples/laravel';

    public static function setUpBeforeClass(): void
    {
        require_once self::EXAMPLES.'/OrderShipped.php';
        require_once self::EXAMPLES.'/GreetFirstVisitor.php';
    }

    public function testTheFirstVisitorOfOneChannelIsGreetedByAnEventThatIsBroadcastThere(): void
    {
        $laravel = new Laravel(['broadcasting.default' => 'test', 'broadcasting.connections.test' => ['driver' => 'test']]);
        $laravel->app->register(BusServiceProvider::class);
        $laravel->app->register(BroadcastServiceProvider::class);
        $broadcaster = new class() extends Broadcaster {
            /** @var list<array{list<string>, string, array<string, mixed>}> */
            public array $sent = [];

            public function auth($request) {}

            public function validAuthenticationResponse($request, $result) {}

            public function broadcast(array $channels, $event, array $payload = [])
            {
                $this->sent[] = [array_map('strval', $channels), $event, array_diff_key($payload, ['socket' => 0])];
            }
        };
        $laravel->app[BroadcastManager::class]->extend('test', static fn () => $broadcaster);
        $listener = new GreetFirstVisitor();
        self::assertInstanceOf(ShouldQueue::class, $listener);
        $listener->handle(new ChannelCreated('my-app', 'another'));
        self::assertSame([], $broadcaster->sent);
        $listener->handle(new ChannelCreated('my-app', 'orders'));
        self::assertSame([[['orders'], OrderShipped::class, ['id' => 7]]], $broadcaster->sent);
    }

    public function testTheRecorderThatItListsForPulseIsThatOfThePackage(): void
    {
        self::assertSame([ReverbRecorder::class => []], (require self::EXAMPLES.'/pulse.php')['recorders']);
        self::assertTrue(class_exists(ReverbRecorder::class));
    }
}
