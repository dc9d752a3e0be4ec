/** Which earlier messages a first subscription starts with; within what the channel's history retains. */
export type Rewind = { count: number } | { seconds: number };

/** How a subscription continued. */
export interface Resumed {
  channel: string;
  /** Whether nothing is missing between the last message before and the first one after. */
  recovered: boolean;
  /** How many messages of the history follow. */
  count: number;
  /** Why it was not recovered. */
  reason?: 'no_history' | 'too_old' | 'too_large' | 'unknown_position' | 'unavailable';
}

export interface ResumeOptions {
  /** Context for subscriptions that have no position yet; none by default. */
  rewind?: Rewind | ((channel: string) => Rewind | undefined);
  /**
   * What comes when a gap cannot be closed: all that the history retains, what an ordinary subscriber gets, or nothing.
   * "cache" by default.
   */
  fallback?: 'tail' | 'cache' | 'none';
  /** After each subscription; channels emit `pusher:resumed` with the same. */
  onResumed?: (resumed: Resumed) => void;
  /** After the connection changed over to another server, as the old one is about to end. */
  onMoved?: (moved: { from: string; to: string }) => void;
  /** No new connection in time: the old one's end brings the ordinary reconnect. */
  onMoveFailed?: (failed: { from: string }) => void;
}

export interface ResumeHandle {
  /** The position of the last message by channel; opaque. */
  positions(): Record<string, string>;
  /** Forgets all positions and leaves the client as it was. */
  stop(): void;
}

/**
 * Makes the channels of a `Pusher` (pusher-js 8) or an `Echo` (2) continue where they were after a reconnect. Call it right
 * after construction: only later subscriptions resume.
 *
 * @throws TypeError for what is neither, and for an unknown `fallback`
 */
export function resume(client: object, options?: ResumeOptions): ResumeHandle;
export default resume;
