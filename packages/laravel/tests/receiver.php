<?php

// The package's route behind PHP's own web server: php -S 127.0.0.1:PORT receiver.php. Every event that the application
// is dispatched becomes a line of JSON in the file RECEIVED, with the event's class and fields.
require __DIR__.'/bootstrap.php';

use Illuminate\Http\Request;
use Reverb\Laravel\Tests\Laravel;

$laravel = new Laravel(['reverb-server.apps' => [['app_id' => getenv('REVERB_APP_ID'), 'key' => getenv('REVERB_APP_KEY'),
    'secret' => getenv('REVERB_APP_SECRET')]]]);
// as a web server gives it that hands every path to index.php
$_SERVER = ['SCRIPT_NAME' => '/index.php', 'SCRIPT_FILENAME' => '/index.php', 'PHP_SELF' => '/index.php'] + $_SERVER;
$request = Request::capture();
$laravel->app->instance('request', $request);
$response = $laravel->app['router']->dispatch($request);
foreach ($laravel->dispatched as $event) {
    file_put_contents((string) getenv('RECEIVED'), json_encode(['class' => (new ReflectionClass($event))->getShortName()]
        + get_object_vars($event))."\n", FILE_APPEND | LOCK_EX);
}
$response->send();
