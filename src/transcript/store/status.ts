/** What a process's transcript store has done since it was made, for metrics. */
export interface StoreStatus {
  /** Calls under way, and calls that are over and still to be exported, sent or told of. */
  readonly running: number;
  readonly waiting: number;
  /** Of journals under way, what the disk has not taken yet. */
  readonly journalBytes: number;
  /** Since when the call is over that waits longest, also over restarts; 0 where none waits. */
  readonly oldestWaitingMs: number;
  readonly uploads: number;
  readonly uploadedBytes: number;
  /** Tries to bring something to the store that did not work, whichever of its requests was at fault. */
  readonly uploadFailures: number;
  readonly events: number;
  readonly eventFailures: number;
  /** Journals and what was made from them that were removed because of their age. */
  readonly expired: number;
}

/** Those of them that are counted as it happens. */
export type Counters = {
  -readonly [
    Name in Exclude<keyof StoreStatus, 'running' | 'waiting' | 'journalBytes' | 'oldestWaitingMs'>
  ]: StoreStatus[Name];
};

export function newCounters(): Counters {
  return {
    uploads: 0,
    uploadedBytes: 0,
    uploadFailures: 0,
    events: 0,
    eventFailures: 0,
    expired: 0,
  };
}
