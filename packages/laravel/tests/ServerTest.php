<?php

declare(strict_types=1);

namespace Reverb\Laravel\Tests;

use Carbon\CarbonImmutable;
use Laravel\Pulse\Events\IsolatedBeat;
use Laravel\Pulse\Pulse;
use PHPUnit\Framework\TestCase;
use Reverb\Laravel\Events\MessageSent;
use Reverb\Laravel\Pulse\PulseEntries;
use Reverb\Laravel\Pulse\ReverbRecorder;
use Reverb\Laravel\Pulse\StatsReading;
use RuntimeException;

/** Against a running server: REVERB_TEST_URL, with the application of REVERB_APP_ID, _KEY and _SECRET. */
final class ServerTest extends TestCase
{
    protected function setUp(): void
    {
        if (getenv('REVERB_TEST_URL') === false) {
            self::markTestSkipped('no server: REVERB_TEST_URL is not set');
        }
    }

    public function testTheServersNumbersAreRecorded(): void
    {
        $laravel = $this->laravel((string) getenv('REVERB_APP_SECRET'));
        $app = (string) getenv('REVERB_APP_ID');
        $pulse = self::recording();
        $reading = $laravel->app->make(StatsReading::class);
        $reading->run($pulse, 1000);
        self::assertSame([['connections', $app, (int) getenv('REVERB_TEST_CONNECTIONS'), 1000]], array_slice($pulse->entries, 0, 1));
        $laravel->app['cache']->put('reverb-stats:'.hash('sha256', $app), [0, 0, -1], 60);
        $pulse->entries = [];
        $reading->run($pulse, 1015);
        self::assertSame('sent', $pulse->entries[1][0]);
        self::assertGreaterThan(0, $pulse->entries[1][2]);
        self::assertInstanceOf(MessageSent::class, $laravel->dispatched[0]);
    }

    public function testPulsesRecorderFillsTheCardsOfReverb(): void
    {
        if (! property_exists(Pulse::class, 'recorded')) {
            self::markTestSkipped('Pulse itself is installed, and keeps what it records in a database');
        }
        $laravel = $this->laravel((string) getenv('REVERB_APP_SECRET'));
        $app = (string) getenv('REVERB_APP_ID');
        $laravel->app['cache']->put('reverb-stats:'.hash('sha256', $app), [0, 0, -1], 60);
        $pulse = $laravel->app->make(Pulse::class);
        $laravel->app->instance(Pulse::class, $pulse);
        $recorder = $laravel->app->make(ReverbRecorder::class);
        self::assertSame(IsolatedBeat::class, $recorder->listen);
        $recorder->record(new IsolatedBeat(CarbonImmutable::createFromTimestampUTC(1_800_000_014)));
        self::assertSame([], $pulse->recorded, 'a beat is every second, a reading every fifteen');
        $recorder->record(new IsolatedBeat(CarbonImmutable::createFromTimestampUTC(1_800_000_015)));
        self::assertSame(['reverb_connections', $app, (int) getenv('REVERB_TEST_CONNECTIONS'), 1_800_000_015], $pulse->recorded[0]);
        $messages = array_count_values(array_column(array_slice($pulse->recorded, 1), 0));
        self::assertGreaterThan(0, $messages['reverb_message:sent']);
        self::assertGreaterThan(0, $messages['reverb_message:received']);
        self::assertSame(['count', 'onlyBuckets'], $pulse->aggregates);
    }

    public function testAWrongSecretIsSaid(): void
    {
        $this->expectException(RuntimeException::class);
        $this->expectExceptionMessageMatches('/stats answered 401: /');
        $this->laravel('wrong')->app->make(StatsReading::class)->run(self::recording(), 1000);
    }

    public function testAnApplicationThatFailsKeepsNothingFromTheNext(): void
    {
        $own = ['app_id' => getenv('REVERB_APP_ID'), 'key' => getenv('REVERB_APP_KEY'), 'secret' => getenv('REVERB_APP_SECRET')];
        $laravel = new Laravel(['reverb-server.url' => (string) getenv('REVERB_TEST_URL'), 'reverb-server.apps' => [
            ['secret' => 'wrong'] + $own, ['app_id' => 'nobody', 'key' => 'nobody', 'secret' => 'x'], $own]]);
        $pulse = self::recording();
        try {
            $laravel->app->make(StatsReading::class)->run($pulse, 1000);
            self::fail('the failures are said');
        } catch (RuntimeException $failures) {
            self::assertMatchesRegularExpression('/ answered 401: .*; .*nobody.* answered 4/', $failures->getMessage());
        }
        self::assertSame(['connections', 'sent', 'received'], array_column($pulse->entries, 0));
    }

    public function testAServerThatIsAwayIsSaid(): void
    {
        $this->expectException(RuntimeException::class);
        $this->expectExceptionMessageMatches('/^http:.*1 \\(reverb-server.url\\) is not reached: .*refused/');
        (new Laravel(['reverb-server.url' => 'http://127.0.0.1:1']))->app->make(StatsReading::class)->run(self::recording(), 1);
    }

    private function laravel(string $secret): Laravel
    {
        return new Laravel(['reverb-server.url' => (string) getenv('REVERB_TEST_URL'), 'reverb-server.apps' => [
            ['app_id' => getenv('REVERB_APP_ID'), 'key' => getenv('REVERB_APP_KEY'), 'secret' => $secret]]]);
    }

    private static function recording(): PulseEntries
    {
        return new class implements PulseEntries
        {
            /** @var list<array{string, string, int, int}> */
            public array $entries = [];

            public function connections(string $appId, int $count, int $time): void
            {
                $this->entries[] = ['connections', $appId, $count, $time];
            }

            public function messages(string $appId, string $kind, int $count, int $time): void
            {
                $this->entries[] = [$kind, $appId, $count, $time];
            }
        };
    }
}
