import type { PulseEvent } from '../../../pulse/events.js';

/** What a recogniser said of one person's speech, and when. */
export type Script = readonly { readonly at: number; readonly event: PulseEvent }[];
