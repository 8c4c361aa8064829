/**
 * What went wrong with a transcript, as a program can test it:
 * - `write_failed`: the journal cannot be written at the moment. Its lines wait and are tried again.
 * - `lines_lost`: too many lines waited, or the room ended before they could be written.
 * - `export_failed`: the journal is there, the file made from it is not.
 * - `unreadable`: there is no journal at the path, or it cannot be opened.
 * - `not_muted`: a recording has what must not be heard, in a format in which it cannot be muted.
 * - `store_failed`: the object store does not take or give something at the moment.
 * - `still_running`: a call cannot be forgotten while it goes on.
 * - `webhook_failed`: the receiver of the webhook does not take an event at the moment.
 */
export type TranscriptErrorCode =
  | 'write_failed'
  | 'lines_lost'
  | 'export_failed'
  | 'unreadable'
  | 'still_running'
  | 'not_muted'
  | 'store_failed'
  | 'webhook_failed';

/** Its message says what to do and holds nothing that was said. */
export class TranscriptError extends Error {
  override readonly name = 'TranscriptError';

  constructor(
    readonly code: TranscriptErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
