<?php

declare(strict_types=1);

namespace Reverb\Laravel\Tests;

use Illuminate\Console\Application as Artisan;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Foundation\Console\VendorPublishCommand;
use PHPUnit\Framework\TestCase;
use Symfony\Component\Console\Input\StringInput;
use Symfony\Component\Console\Output\BufferedOutput;

/** The lines of docs/laravel.md that begin with `php artisan` and need nothing newer than Debian's Laravel. */
final class ArtisanTest extends TestCase
{
    private string $folder = '';

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir().'/reverb-artisan-'.bin2hex(random_bytes(6));
        mkdir("$this->folder/config", 0700, true);
    }

    protected function tearDown(): void
    {
        (new Filesystem())->deleteDirectory($this->folder);
    }

    public function testVendorPublishLeavesTheConfigurationAndRestartIsACommand(): void
    {
        $page = (string) file_get_contents(__DIR__.'/../../../docs/laravel.md');
        self::assertSame(1, preg_match('/^php artisan (vendor:publish .*)$/m', $page, $line));
        [$code, $output] = $this->artisan($line[1]);
        self::assertSame(0, $code, $output);
        self::assertFileEquals(__DIR__.'/../config/reverb-server.php', "$this->folder/config/reverb-server.php");

        self::assertStringContainsString('`php artisan reverb:restart`', $page);
        [$code, $output] = $this->artisan('reverb:restart --app=nobody');
        self::assertSame([1, 'reverb-server.apps has no application with the id nobody'], [$code, trim($output)]);
    }

    /** @return array{int, string} */
    private function artisan(string $line): array
    {
        $laravel = new Laravel([], $this->folder);
        $artisan = new Artisan($laravel->app, $laravel->app['events'], '0');
        $artisan->setAutoExit(false);
        $artisan->resolveCommands([VendorPublishCommand::class]);
        $output = new BufferedOutput();

        return [$artisan->run(new StringInput($line), $output), $output->fetch()];
    }
}
