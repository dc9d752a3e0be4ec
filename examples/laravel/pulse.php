<?php

// config/pulse.php: these recorders, instead of laravel/reverb's two; the cards of laravel/reverb show what they record
return [
    // …
    'recorders' => [
        Reverb\Laravel\Pulse\ReverbRecorder::class => [],
        // …
    ],
];
