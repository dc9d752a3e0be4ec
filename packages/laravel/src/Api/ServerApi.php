<?php

declare(strict_types=1);

namespace Reverb\Laravel\Api;

use Reverb\Laravel\App;
use RuntimeException;

/** The server's signed HTTP API. Each call blocks for as long as the configured time-out at most. */
final class ServerApi
{
    public function __construct(
        private readonly string $url,
        private readonly int $timeout,
    ) {
    }

    /**
     * The numbers of one application, of all servers together.
     *
     * @throws RuntimeException when the server does not answer with them, with what it said
     */
    public function stats(App $app): Stats
    {
        $numbers = $this->request('GET', $app, 'stats');

        return new Stats((int) ($numbers['connections'] ?? 0), (int) ($numbers['messages_sent'] ?? 0),
            (int) ($numbers['messages_received'] ?? 0), (int) ($numbers['since'] ?? 0));
    }

    /**
     * Restarts the server, or one after the other all of its cluster; returns at once, with how many they are.
     *
     * @throws RuntimeException when the server does not do it, with what it said
     */
    public function restart(App $app): int
    {
        return (int) ($this->request('POST', $app, 'restart')['nodes'] ?? 0);
    }

    /** @return array<string, mixed> what the server answered */
    private function request(string $method, App $app, string $what): array
    {
        $path = '/apps/'.rawurlencode($app->id)."/$what";
        $query = 'auth_key='.rawurlencode($app->key).'&auth_timestamp='.time().'&auth_version=1.0';
        $signature = hash_hmac('sha256', "$method\n$path\n$query", $app->secret);
        [$status, $body] = $this->send($method, rtrim($this->url, '/')."$path?$query&auth_signature=$signature");
        $answer = json_decode($body, true);
        if ($status !== 200 || ! is_array($answer)) {
            throw new RuntimeException("{$this->url}$path answered $status: ".trim($body));
        }

        return $answer;
    }

    /**
     * PHP's own streams: one small request on one server needs no client library.
     *
     * @return array{int, string} status and body
     */
    private function send(string $method, string $url): array
    {
        $context = stream_context_create(['http' => ['method' => $method, 'timeout' => $this->timeout, 'ignore_errors' => true,
            'follow_location' => 0, 'protocol_version' => 1.1, 'header' => 'Connection: close']]);
        $body = @file_get_contents($url, false, $context);
        if ($body === false) {
            $reason = error_get_last()['message'] ?? 'no reason given';
            throw new RuntimeException("{$this->url} (reverb-server.url) is not reached: ".preg_replace('/^.*?\\): /', '', $reason));
        }
        preg_match('#^HTTP/\S+ (\d{3})#', $http_response_header[0] ?? '', $status);

        return [(int) ($status[1] ?? 0), $body];
    }
}
