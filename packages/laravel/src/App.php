<?php

declare(strict_types=1);

namespace Reverb\Laravel;

use InvalidArgumentException;

/** An application as the server has it. */
final class App
{
    /** @param  list<string>  $previousSecrets  with which a server may sign webhooks that does not yet have the new one */
    public function __construct(
        public readonly string $id,
        public readonly string $key,
        public readonly string $secret,
        public readonly array $previousSecrets = [],
    ) {
    }

    /**
     * Those of the configuration that have all of id, key and secret.
     *
     * @param  array<array-key, mixed>  $entries
     * @return list<self>
     */
    public static function all(array $entries): array
    {
        $apps = [];
        foreach ($entries as $index => $entry) {
            $values = [];
            foreach (['app_id', 'key', 'secret'] as $name) {
                $values[$name] = (string) ($entry[$name] ?? '');
            }
            if (implode('', $values) === '') {
                continue; // an application that nobody has configured yet
            }
            if (in_array('', $values, true)) {
                throw new InvalidArgumentException("reverb-server.apps.$index: app_id, key and secret are all needed; missing: "
                    .implode(', ', array_keys($values, '', true)));
            }
            $previous = $entry['previous_secrets'] ?? [];
            $previous = is_array($previous) ? $previous : explode(',', (string) $previous);
            $previous = array_values(array_filter(array_map(static fn ($secret): string => trim((string) $secret), $previous),
                static fn (string $secret): bool => $secret !== ''));
            $apps[] = new self($values['app_id'], $values['key'], $values['secret'], $previous);
        }

        return $apps;
    }
}
