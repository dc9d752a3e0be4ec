<?php

return [
    // The applications whose webhooks are accepted and whose numbers are read: id, key and secret, as the server has them.
    'apps' => [
        [
            'app_id' => env('REVERB_APP_ID'),
            'key' => env('REVERB_APP_KEY'),
            'secret' => env('REVERB_APP_SECRET'),
            // While a secret is changed: with which webhooks of a server that has the old one are signed.
            'previous_secrets' => env('REVERB_APP_PREVIOUS_SECRETS', ''),
        ],
    ],

    // Where the HTTP API is: what PHP publishes to.
    'url' => env('REVERB_SERVER_URL', env('REVERB_SCHEME', 'https').'://'.env('REVERB_HOST', 'localhost').':'.env('REVERB_PORT', 443)),

    // Seconds that one request to it may take.
    'timeout' => 3,

    'webhook' => [
        // Below the application's URL; null for no route.
        'path' => 'reverb/webhook',

        // Neither sessions nor CSRF tokens: the signature is what authenticates.
        'middleware' => [],

        // How many seconds old a request may be, 0 for any. A server repeats what failed for a configured time, so that
        // an old request is nothing unusual; what came before is known by the ids of its events.
        'tolerance' => 0,

        // How many seconds the ids of events are remembered, in which cache; null is the default one.
        'remember' => 86400,
        'store' => null,
    ],
];
