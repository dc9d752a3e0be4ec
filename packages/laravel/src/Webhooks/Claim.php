<?php

declare(strict_types=1);

namespace Reverb\Laravel\Webhooks;

/** What became of an event that came. */
enum Claim
{
    /** It is the caller's to handle. */
    case Taken;

    /** Another process handles it, or died while it did. */
    case InHand;

    /** It was handled. */
    case Done;
}
