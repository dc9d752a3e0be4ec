<?php

// Pulse's two classes that the recorder knows, where Pulse is not installed.
spl_autoload_register(static function (string $class): void {
    $files = ['Laravel\\Pulse\\Pulse' => 'Pulse', 'Laravel\\Pulse\\Events\\IsolatedBeat' => 'IsolatedBeat'];
    if (isset($files[$class])) {
        require __DIR__."/pulse/{$files[$class]}.php";
    }
});

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
