<?php

declare(strict_types=1);

namespace Reverb\Laravel\Tests;

use Illuminate\Support\Carbon;
use PHPUnit\Framework\TestCase;
use Reverb\Laravel\Events;
use Reverb\Laravel\Webhooks\Claim;
use Reverb\Laravel\Webhooks\SeenEvents;
use RuntimeException;

/** The webhook route: who may call it, and what the application hears. */
final class WebhookTest extends TestCase
{
    public function testEveryEventOfAWebhookReachesTheApplication(): void
    {
        $laravel = new Laravel();
        $answer = $laravel->webhook(self::body([
            ['name' => 'channel_occupied', 'channel' => 'a'],
            ['name' => 'channel_vacated', 'channel' => 'a'],
            ['name' => 'member_added', 'channel' => 'presence-a', 'user_id' => '7'],
            ['name' => 'member_removed', 'channel' => 'presence-a', 'user_id' => '7'],
            ['name' => 'client_event', 'channel' => 'private-a', 'event' => 'client-x', 'data' => '{"a":1}', 'socket_id' => '1.2', 'user_id' => '7'],
            ['name' => 'cache_miss', 'channel' => 'cache-a'],
            ['name' => 'subscription_count', 'channel' => 'a', 'subscription_count' => 3],
            ['name' => 'connection_opened', 'socket_id' => '1.2'],
            ['name' => 'connection_closed', 'socket_id' => '1.2', 'code' => 1006, 'reason' => 'gone'],
            ['name' => 'connection_pruned', 'socket_id' => '1.2'],
            ['name' => 'of_a_later_version'],
        ]));
        self::assertSame(200, $answer->getStatusCode(), (string) $answer->getContent());
        self::assertEquals([
            new Events\ChannelCreated('shop', 'a'), new Events\ChannelRemoved('shop', 'a'),
            new Events\MemberAdded('shop', 'presence-a', '7'), new Events\MemberRemoved('shop', 'presence-a', '7'),
            new Events\MessageReceived('shop', 'private-a', 'client-x', '{"a":1}', '1.2', '7'),
            new Events\CacheMissed('shop', 'cache-a'), new Events\SubscriptionCounted('shop', 'a', 3),
            new Events\ConnectionOpened('shop', '1.2'), new Events\ConnectionClosed('shop', '1.2', 1006, 'gone'),
            new Events\ConnectionPruned('shop', '1.2'),
        ], $laravel->dispatched);
    }

    public function testEachApplicationSignsWithItsOwnSecret(): void
    {
        $laravel = new Laravel();
        self::assertSame(200, $laravel->webhook(self::body([['name' => 'channel_occupied', 'channel' => 'b']]), 'chat-key',
            'chat-secret')->getStatusCode());
        self::assertEquals([new Events\ChannelCreated('chat', 'b')], $laravel->dispatched);
    }

    /** @dataProvider strangers */
    public function testWhatNobodySignedIsRefusedAndHasNoEffect(string $key, string $signature): void
    {
        $laravel = new Laravel();
        $body = self::body([['name' => 'channel_occupied', 'channel' => 'a']]);
        $answer = $laravel->post($body, ['X-Pusher-Key' => $key, 'X-Pusher-Signature' => str_replace('BODY', hash_hmac('sha256',
            $body, 'shop-secret'), $signature)]);
        self::assertSame(401, $answer->getStatusCode());
        self::assertSame([], $laravel->dispatched);
    }

    /** @return array<string, array{string, string}> */
    public static function strangers(): array
    {
        return ['no signature' => ['shop-key', ''], 'a wrong one' => ['shop-key', str_repeat('0', 64)],
            'of another application' => ['chat-key', 'BODY'], 'an unknown key' => ['nobody', 'BODY'], 'no key' => ['', 'BODY']];
    }

    public function testARepetitionIsTakenAndHasNoEffect(): void
    {
        $laravel = new Laravel();
        $body = self::body([['name' => 'channel_occupied', 'channel' => 'a', 'id' => 'e1']]);
        self::assertSame(200, $laravel->webhook($body)->getStatusCode());
        self::assertSame(200, $laravel->webhook($body)->getStatusCode());
        self::assertCount(1, $laravel->dispatched);
        $laravel->webhook(self::body([['name' => 'channel_occupied', 'channel' => 'a', 'id' => 'e2']]));
        self::assertCount(2, $laravel->dispatched);
    }

    public function testWhatAListenerFailedOnIsHandledWhenItIsRepeatedAndNothingElseTwice(): void
    {
        $laravel = new Laravel();
        $fails = true;
        $handled = [];
        $laravel->app['events']->listen(Events\ChannelCreated::class, function (Events\ChannelCreated $event) use (&$fails, &$handled): void {
            if ($fails && $event->channel === 'b') {
                throw new RuntimeException('the database is away');
            }
            $handled[] = $event->channel;
        });
        $body = self::body([['name' => 'channel_occupied', 'channel' => 'a', 'id' => '1'],
            ['name' => 'channel_occupied', 'channel' => 'b', 'id' => '2']]);
        try {
            $laravel->webhook($body);
            self::fail('the failure is the answer');
        } catch (RuntimeException $expected) {
            self::assertSame('the database is away', $expected->getMessage());
        }
        $fails = false;
        self::assertSame(200, $laravel->webhook($body)->getStatusCode());
        self::assertSame(['a', 'b'], $handled);
    }

    public function testWhatAProcessDiedOverIsHandledByALaterRepetitionInOrder(): void
    {
        $laravel = new Laravel();
        $seen = new SeenEvents($laravel->app['cache']->store(), 86400);
        self::assertSame(Claim::Taken, $seen->claim('shop', '2')); // and then nothing: it was killed
        $body = self::body([['name' => 'channel_occupied', 'channel' => 'a', 'id' => '1'],
            ['name' => 'channel_occupied', 'channel' => 'b', 'id' => '2'],
            ['name' => 'channel_vacated', 'channel' => 'b', 'id' => '3']]);
        $answer = $laravel->webhook($body);
        self::assertSame(503, $answer->getStatusCode());
        self::assertSame('2', $answer->headers->get('Retry-After'));
        self::assertStringContainsString('another process has the event 2 in hand', (string) $answer->getContent());
        self::assertEquals([new Events\ChannelCreated('shop', 'a')], $laravel->dispatched);
        Carbon::setTestNow(Carbon::now()->addSeconds(SeenEvents::IN_HAND + 1));
        try {
            self::assertSame(200, $laravel->webhook($body)->getStatusCode());
            self::assertSame(200, $laravel->webhook($body)->getStatusCode());
        } finally {
            Carbon::setTestNow();
        }
        self::assertEquals([new Events\ChannelCreated('shop', 'a'), new Events\ChannelCreated('shop', 'b'),
            new Events\ChannelRemoved('shop', 'b')], $laravel->dispatched);
    }

    public function testAServerThatHasThePreviousSecretIsBelievedWhereThatIsConfigured(): void
    {
        $body = self::body([['name' => 'channel_occupied', 'channel' => 'a']]);
        $app = ['app_id' => 'shop', 'key' => 'shop-key', 'secret' => 'new'];
        foreach ([['old', 'older'], 'old, older'] as $previous) {
            $laravel = new Laravel(['reverb-server.apps' => [$app + ['previous_secrets' => $previous]]]);
            foreach (['new', 'old', 'older'] as $secret) {
                self::assertSame(200, $laravel->webhook($body, 'shop-key', $secret)->getStatusCode(), $secret);
            }
            self::assertSame(401, $laravel->webhook($body, 'shop-key', '')->getStatusCode());
        }
        $laravel = new Laravel(['reverb-server.apps' => [$app + ['previous_secrets' => '']]]);
        self::assertSame(401, $laravel->webhook($body, 'shop-key', 'old')->getStatusCode());
        self::assertSame(401, $laravel->webhook($body, 'shop-key', '')->getStatusCode());
    }

    public function testAConfigurationWithoutASecretIsSaid(): void
    {
        $laravel = new Laravel(['reverb-server.apps' => [['app_id' => 'shop', 'key' => 'shop-key', 'secret' => null]]]);
        $this->expectExceptionMessage('reverb-server.apps.0: app_id, key and secret are all needed; missing: secret');
        $laravel->webhook(self::body([]));
    }

    public function testARequestFromAnotherTimeSaysHowFarItIs(): void
    {
        $laravel = new Laravel(['reverb-server.webhook.tolerance' => 60]);
        foreach ([-3600, 3600] as $seconds) {
            $answer = $laravel->webhook(self::body([], time() + $seconds));
            self::assertSame(401, $answer->getStatusCode());
            self::assertMatchesRegularExpression('/time_ms is (3599|3600|3601) s from the time here/', (string) $answer->getContent());
        }
    }

    public function testALargeBatchIsTakenWhole(): void
    {
        $laravel = new Laravel();
        $events = [];
        for ($i = 0; $i < 5000; $i++) {
            $events[] = ['id' => "e$i", 'name' => 'client_event', 'channel' => 'private-a', 'event' => 'client-x',
                'data' => str_repeat('x', 200), 'socket_id' => '1.2'];
        }
        self::assertSame(200, $laravel->webhook(self::body($events))->getStatusCode());
        self::assertCount(5000, $laravel->dispatched);
    }

    public function testAnOldRequestIsRefusedWhereAToleranceIsSet(): void
    {
        $laravel = new Laravel(['reverb-server.webhook.tolerance' => 60]);
        $event = [['name' => 'channel_occupied', 'channel' => 'a']];
        self::assertSame(401, $laravel->webhook(self::body($event, time() - 3600))->getStatusCode());
        self::assertSame(200, $laravel->webhook(self::body($event))->getStatusCode());
    }

    /** @dataProvider malformed */
    public function testABodyThatIsNoWebhookIsSaid(string $body): void
    {
        $answer = (new Laravel())->webhook($body);
        self::assertSame(400, $answer->getStatusCode());
        self::assertStringContainsString('list of events', (string) $answer->getContent());
    }

    /** @return list<array{string}> */
    public static function malformed(): array
    {
        return [[''], ['[]'], ['{"events":1}'], ['no json']];
    }

    /** @param  list<array<string, mixed>>  $events */
    private static function body(array $events, ?int $time = null): string
    {
        return (string) json_encode(['time_ms' => ($time ?? time()) * 1000, 'events' => $events]);
    }
}
