<?php

// Composer's autoloader where there is one, else Debian's packages php-laravel-framework and the like.
if (is_file(__DIR__.'/../vendor/autoload.php')) {
    require __DIR__.'/../vendor/autoload.php';

    return;
}
error_reporting(E_ALL & ~E_DEPRECATED); // Laravel 8 is older than PHP 8.2
require '/usr/share/php/Illuminate/autoload.php';
spl_autoload_register(static function (string $class): void {
    foreach (['Reverb\\Laravel\\Tests\\' => __DIR__.'/', 'Reverb\\Laravel\\' => __DIR__.'/../src/'] as $prefix => $folder) {
        $file = $folder.str_replace('\\', '/', substr($class, strlen($prefix))).'.php';
        if (str_starts_with($class, $prefix) && is_file($file)) {
            require $file;

            return;
        }
    }
});
