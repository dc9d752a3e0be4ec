<?php

declare(strict_types=1);

namespace Reverb\Laravel\Webhooks;

use Reverb\Laravel\App;

/** Whose a webhook is, by its signature: HMAC-SHA256 of the very bytes with the application's secret, in hex. */
final class Signature
{
    /**
     * The application that signed $body, or null when none of $apps did.
     *
     * @param  list<App>  $apps
     */
    public static function appOf(array $apps, string $key, string $signature, string $body): ?App
    {
        foreach ($apps as $app) {
            if (hash_equals($app->key, $key)) {
                return hash_equals(hash_hmac('sha256', $body, $app->secret), $signature) ? $app : null;
            }
        }

        return null;
    }
}
