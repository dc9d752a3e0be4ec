<?php

declare(strict_types=1);

namespace Reverb\Laravel\Tests;

use InvalidArgumentException;
use PHPUnit\Framework\TestCase;
use Reverb\Laravel\Api\Stats;
use Reverb\Laravel\App;

/** What is configured, and what counts say. */
final class AppTest extends TestCase
{
    public function testAnApplicationThatLacksAPartIsNamed(): void
    {
        self::assertSame([], App::all([['app_id' => null, 'key' => null, 'secret' => null]]));
        $this->expectExceptionObject(new InvalidArgumentException(
            'reverb-server.apps.1: app_id, key and secret are all needed; missing: secret'));
        App::all([['app_id' => 1, 'key' => 'k', 'secret' => 's'], ['app_id' => 2, 'key' => 'k2']]);
    }

    public function testGainsSurviveARestartAndANewBeginning(): void
    {
        self::assertSame([0, 0], (new Stats(1, 100, 50, 5))->gained(null));
        self::assertSame([20, 3], (new Stats(1, 120, 53, 5))->gained([100, 50, 5]));
        self::assertSame([7, 0], (new Stats(1, 7, 50, 5))->gained([100, 50, 5]), 'a server was restarted');
        self::assertSame([120, 53], (new Stats(1, 120, 53, 9))->gained([100, 50, 5]), 'counting began anew');
    }
}
