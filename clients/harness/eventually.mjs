import { setTimeout as pause } from 'node:timers/promises';

/** Asks `condition` again and again until it gives something true, which is returned; what it throws ends the wait. */
export async function eventually(what, milliseconds, condition) {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const result = await condition();
    if (result) {
      return result;
    }
    if (Date.now() > deadline) {
      throw new Error(`not within ${milliseconds} ms: ${what}`);
    }
    await pause(20);
  }
}
