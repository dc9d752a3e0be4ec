<?php

declare(strict_types=1);

namespace Reverb\Laravel\Webhooks;

use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Reverb\Laravel\App;
use Throwable;

/**
 * Takes the server's webhooks: 401 for a signature that is not of a configured application, 200 when every event was
 * dispatched. Listeners that take long implement ShouldQueue, since the server waits for the answer. A listener that
 * throws makes the answer 500, and the server repeats the request; what was dispatched before is then left out. While
 * another process has one of the events in hand the answer is 503, and so the order is kept.
 */
final class WebhookController
{
    /** @param  list<App>  $apps */
    public function __construct(
        private readonly array $apps,
        private readonly int $tolerance,
        private readonly SeenEvents $seen,
        private readonly Dispatcher $events,
    ) {
    }

    public function __invoke(Request $request): JsonResponse
    {
        $body = $request->getContent();
        $key = (string) $request->header('X-Pusher-Key', '');
        $app = Signature::appOf($this->apps, $key, (string) $request->header('X-Pusher-Signature', ''), $body);
        if ($app === null) {
            return self::refuse(401, 'the signature is not that of an application in reverb-server.apps');
        }
        $webhook = json_decode($body, true);
        if (! is_array($webhook) || ! is_array($webhook['events'] ?? null)) {
            return self::refuse(400, 'the body is no JSON object with a list of events');
        }
        $age = abs(microtime(true) - (float) ($webhook['time_ms'] ?? 0) / 1000);
        if ($this->tolerance > 0 && $age > $this->tolerance) {
            return self::refuse(401, 'time_ms is '.round($age).' s from the time here, and reverb-server.webhook.tolerance is '
                ."{$this->tolerance} s");
        }
        foreach ($webhook['events'] as $event) {
            if (is_array($event) && ! $this->dispatch($app, $event)) {
                return self::refuse(503, 'another process has the event '.($event['id'] ?? '').' in hand')
                    ->header('Retry-After', '2');
            }
        }

        return new JsonResponse(new \stdClass());
    }

    /**
     * False while another process handles it.
     *
     * @param  array<string, mixed>  $event
     */
    private function dispatch(App $app, array $event): bool
    {
        $id = (string) ($event['id'] ?? '');
        $made = EventFactory::make($app, $event);
        $claim = $made === null ? Claim::Done : ($id === '' ? Claim::Taken : $this->seen->claim($app->id, $id));
        if ($claim !== Claim::Taken) {
            return $claim === Claim::Done;
        }
        try {
            $this->events->dispatch($made);
        } catch (Throwable $failure) {
            if ($id !== '') {
                $this->seen->release($app->id, $id);
            }
            throw $failure;
        }
        if ($id !== '') {
            $this->seen->done($app->id, $id);
        }

        return true;
    }

    private static function refuse(int $status, string $reason): JsonResponse
    {
        return new JsonResponse(['error' => $reason], $status);
    }
}
