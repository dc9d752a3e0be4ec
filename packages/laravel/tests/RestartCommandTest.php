<?php

declare(strict_types=1);

namespace Reverb\Laravel\Tests;

use PHPUnit\Framework\TestCase;
use Reverb\Laravel\Console\RestartCommand;
use Symfony\Component\Console\Tester\CommandTester;

/**
 * artisan reverb:restart against a running server: REVERB_TEST_RESTART is the start of what it says, and the server's
 * application is in REVERB_APP_ID, _KEY and _SECRET.
 */
final class RestartCommandTest extends TestCase
{
    public function testWhatTheServerAnswersIsSaid(): void
    {
        $expected = getenv('REVERB_TEST_RESTART');
        if ($expected === false) {
            self::markTestSkipped('no server to restart: REVERB_TEST_RESTART is not set');
        }
        [$code, $output] = self::run_(['reverb-server.url' => (string) getenv('REVERB_TEST_URL'), 'reverb-server.apps' => [
            ['app_id' => getenv('REVERB_APP_ID'), 'key' => getenv('REVERB_APP_KEY'), 'secret' => getenv('REVERB_APP_SECRET')]]]);
        self::assertStringContainsString($expected, $output);
        self::assertSame(str_starts_with($expected, 'The '), $code === 0, $output);
    }

    public function testAServerThatIsAwayIsSaid(): void
    {
        [$code, $output] = self::run_(['reverb-server.url' => 'http://127.0.0.1:1']);
        self::assertSame(1, $code);
        self::assertMatchesRegularExpression('/127.0.0.1:1 \\(reverb-server.url\\) is not reached: .*refused/', $output);
    }

    public function testAnApplicationThatIsNotConfiguredIsSaid(): void
    {
        self::assertSame([1, 'reverb-server.apps has no application with the id typo'], self::run_([], ['--app' => 'typo']));
        self::assertSame([1, 'reverb-server.apps names no application'], self::run_(['reverb-server.apps' => []]));
    }

    /**
     * @param  array<string, mixed>  $settings
     * @param  array<string, string>  $options
     * @return array{int, string}
     */
    private static function run_(array $settings, array $options = []): array
    {
        $laravel = new Laravel($settings);
        $command = $laravel->app->make(RestartCommand::class);
        $command->setLaravel($laravel->app);
        $tester = new CommandTester($command);

        return [$tester->execute($options), trim($tester->getDisplay())];
    }
}
