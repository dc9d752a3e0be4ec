<?php

declare(strict_types=1);

namespace Reverb\Laravel\Webhooks;

use Reverb\Laravel\App;

/** Whose a webhook is, by its signature: HMAC-SHA256 of the very bytes with the application's secret, or a previous one, in hex. */
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
                $right = false;
                foreach ([$app->secret, ...$app->previousSecrets] as $secret) {
                    $right = hash_equals(hash_hmac('sha256', $body, $secret), $signature) || $right;
                }

                return $right ? $app : null;
            }
        }

        return null;
    }
}
