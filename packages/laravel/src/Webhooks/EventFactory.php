<?php

declare(strict_types=1);

namespace Reverb\Laravel\Webhooks;

use Reverb\Laravel\App;
use Reverb\Laravel\Events;

/** Makes the application's events of a webhook's. */
final class EventFactory
{
    /**
     * The event, or null for a name that this version does not know.
     *
     * @param  array<string, mixed>  $event
     */
    public static function make(App $app, array $event): ?object
    {
        $text = static fn (string $key): string => (string) ($event[$key] ?? '');
        $user = isset($event['user_id']) ? (string) $event['user_id'] : null;

        return match ($event['name'] ?? null) {
            'channel_occupied' => new Events\ChannelCreated($app->id, $text('channel')),
            'channel_vacated' => new Events\ChannelRemoved($app->id, $text('channel')),
            'member_added' => new Events\MemberAdded($app->id, $text('channel'), $text('user_id')),
            'member_removed' => new Events\MemberRemoved($app->id, $text('channel'), $text('user_id')),
            'client_event' => new Events\MessageReceived($app->id, $text('channel'), $text('event'), $event['data'] ?? null,
                $text('socket_id'), $user),
            'cache_miss' => new Events\CacheMissed($app->id, $text('channel')),
            'subscription_count' => new Events\SubscriptionCounted($app->id, $text('channel'),
                (int) ($event['subscription_count'] ?? 0)),
            'connection_opened' => new Events\ConnectionOpened($app->id, $text('socket_id')),
            'connection_closed' => new Events\ConnectionClosed($app->id, $text('socket_id'), (int) ($event['code'] ?? 0),
                $text('reason')),
            'connection_pruned' => new Events\ConnectionPruned($app->id, $text('socket_id')),
            default => null,
        };
    }
}
