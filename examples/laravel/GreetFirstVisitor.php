<?php

// app/Listeners/GreetFirstVisitor.php; Laravel finds it by the type of handle(), and a queue worker runs it
namespace App\Listeners;

use App\Events\OrderShipped;
use Illuminate\Contracts\Queue\ShouldQueue;
use Reverb\Laravel\Events\ChannelCreated;

class GreetFirstVisitor implements ShouldQueue
{
    public function handle(ChannelCreated $event): void
    {
        if ($event->channel === 'orders') {
            OrderShipped::dispatch(7); // somebody is there to hear it
        }
    }
}
