export type PageServerErrorCode = 'bad_livekit_url' | 'not_built' | 'cannot_listen';

/** The page server cannot start. The message says what to do. */
export class PageServerError extends Error {
  override readonly name = 'PageServerError';

  constructor(
    readonly code: PageServerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A request that is answered with an error: its message is shown to the person at the page. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
