<?php

declare(strict_types=1);

namespace Laravel\Pulse;

/**
 * Where laravel/pulse is not installed: what the recorder calls of it, with Pulse's own parameters, and what it was
 * called with.
 */
final class Pulse
{
    /** @var list<array{string, string, int|null, int|null}> type, key, value, time */
    public array $recorded = [];

    /** @var list<string> how the last entry is aggregated */
    public array $aggregates = [];

    public function record(string $type, string $key, ?int $value = null, ?int $timestamp = null): self
    {
        $this->recorded[] = [$type, $key, $value, $timestamp];
        $this->aggregates = [];

        return $this;
    }

    /** @param  array<int, mixed>  $arguments */
    public function __call(string $name, array $arguments): self
    {
        $this->aggregates[] = $name;

        return $this;
    }
}
