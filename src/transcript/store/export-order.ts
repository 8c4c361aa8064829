import type { TranscriptErrorCode } from '../errors.js';
import type { Format } from '../exports/formats.js';

/** A journal that is not in the folder, as it was got from where it is kept. */
export interface FetchedJournal {
  readonly address: string;
  /** Its bytes, in the order of what they hold. */
  readonly objects: readonly ArrayBuffer[];
}

/** What exports are to be made. */
export interface ExportOrder {
  /** Path of a journal: all of its call that is in its folder is read, and what is made is written there. */
  readonly journal: string;
  readonly others: readonly FetchedJournal[];
  readonly formats: readonly Format[];
}

/** An order as it goes to the thread. */
export interface ThreadOrder extends ExportOrder {
  /** In the names of files as long as they are not complete. */
  readonly tag: string;
}

/** What comes back from the thread: an error would lose what it is on its way. */
export type ThreadAnswer =
  | { readonly paths: readonly string[] }
  | {
      /** Undefined: something threw that should not. */
      readonly code: TranscriptErrorCode | undefined;
      readonly message: string;
      readonly cause: string | undefined;
    };
