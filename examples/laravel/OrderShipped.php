<?php

// app/Events/OrderShipped.php; OrderShipped::dispatch(7) sends it at once, without a queue worker
namespace App\Events;

use Illuminate\Broadcasting\Channel;
use Illuminate\Broadcasting\InteractsWithSockets;
use Illuminate\Contracts\Broadcasting\ShouldBroadcastNow;
use Illuminate\Foundation\Events\Dispatchable;

class OrderShipped implements ShouldBroadcastNow
{
    use Dispatchable, InteractsWithSockets;

    public function __construct(public int $id) {}

    public function broadcastOn(): array
    {
        return [new Channel('orders')];
    }
}
