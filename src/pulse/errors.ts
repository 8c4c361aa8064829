/**
 * What went wrong with Pulse, as a program can test it:
 * - `bad_options`: refused before anything connected, or with 400. The message lists the faults.
 * - `unauthorized` (401), `forbidden` (403): the key, or what it may do.
 * - `language_region`: this host does not have the language.
 * - `too_large` (413): batch audio over the limit.
 * - `rate_limited` (429), `no_stream` (close 1008): come back later.
 * - `unavailable`: 5xx, or nobody answers at the address.
 * - `dropped`: the connection ended before the last message.
 * - `silent`: the connection is there and the server says nothing, though it should.
 * - `protocol`: an answer that is not the API's.
 * - `timeout`: an answer did not come in its bound.
 */
export type PulseErrorCode =
  | 'bad_options'
  | 'unauthorized'
  | 'forbidden'
  | 'language_region'
  | 'too_large'
  | 'rate_limited'
  | 'no_stream'
  | 'unavailable'
  | 'dropped'
  | 'silent'
  | 'protocol'
  | 'timeout';

const RETRYABLE: ReadonlySet<PulseErrorCode> = new Set([
  'rate_limited',
  'no_stream',
  'unavailable',
  'dropped',
  'silent',
  'timeout',
]);

export interface PulseErrorDetails {
  /** HTTP status, or the WebSocket's close code. */
  readonly status?: number | undefined;
  /** The vendor's id of the request, for its support. */
  readonly requestId?: string | undefined;
  /** How long the server asks us to stay away. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Its message says what to do, and holds neither the key nor anything that was said. */
export class PulseError extends Error {
  override readonly name = 'PulseError';
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: PulseErrorCode,
    message: string,
    details: PulseErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** @param reason the vendor's own words, as they came; shortened here. */
export function errorFromStatus(
  status: number,
  reason: string,
  details: PulseErrorDetails = {},
): PulseError {
  const all = { ...details, status };
  const said = reason ? ` It says: ${shorten(reason)}` : '';
  if (mentionsRegion(reason)) return regionError(all);
  switch (status) {
    case 400:
      return new PulseError(
        'bad_options',
        `Pulse refused the request as malformed (400): check the PULSE_* options.${said}`,
        all,
      );
    case 401:
      return new PulseError(
        'unauthorized',
        'Pulse does not accept the API key (401): set SMALLEST_API_KEY to a valid one.',
        all,
      );
    case 403:
      return new PulseError(
        'forbidden',
        `Pulse refuses access (403): the key has no right to it or its usage limit is reached; see the vendor's console.${said}`,
        all,
      );
    case 413:
      return new PulseError(
        'too_large',
        'The audio is larger than Pulse takes (250 MB): split it, or send a compressed file.',
        all,
      );
    case 429:
      return new PulseError(
        'rate_limited',
        "Pulse limits the account's requests (429): it is tried again later; a larger plan lifts the limit.",
        all,
      );
    default:
      if (status >= 500) {
        return new PulseError(
          'unavailable',
          `Pulse is not available at the moment (${status}): it is tried again.${said}`,
          all,
        );
      }
      return new PulseError(
        'protocol',
        `Pulse answered with the unexpected status ${status}: check SMALLEST_BASE_URL.${said}`,
        all,
      );
  }
}

/** @param reason what the server gave as the reason of the close, or in the error message just before it. */
export function errorFromClose(
  code: number,
  reason: string,
  details: PulseErrorDetails = {},
): PulseError {
  const all = { ...details, status: code };
  if (mentionsRegion(reason)) return regionError(all);
  if (code === 1008) {
    return new PulseError(
      'no_stream',
      "All of the account's Pulse streams are in use (1008): audio waits until one is free; a larger plan has more.",
      all,
    );
  }
  const said = reason ? ` It says: ${shorten(reason)}` : '';
  return new PulseError(
    'dropped',
    `The connection to Pulse ended early (${code}): it is opened again.${said}`,
    all,
  );
}

/** For a connection that does not open, or does not end, in its time. */
export function unansweredError(what: 'opening' | 'end'): PulseError {
  return what === 'opening'
    ? new PulseError('timeout', 'Pulse did not open the connection in time.')
    : new PulseError('silent', 'Pulse did not answer the end of the stream.');
}

/** For a connection on which speech has no answer. */
export function silentError(): PulseError {
  return new PulseError('silent', 'Pulse says nothing about the speech it is sent.');
}

/** For who waits for one of the streams that this worker may have. */
export function queuedError(): PulseError {
  return new PulseError(
    'no_stream',
    'All of the speech streams that PULSE_MAX_STREAMS allows are in use: audio waits until one is free; a larger plan has more.',
  );
}

/** For what the network says before any answer: refused, unknown host, reset, TLS. */
export function errorFromNetwork(cause: Error): PulseError {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return new PulseError(
    'unavailable',
    `Pulse cannot be reached (${shorten(code)}): check SMALLEST_BASE_URL and the network; it is tried again.`,
    { cause },
  );
}

/** Seconds or a date, as the header has it; undefined where it has neither. */
export function parseRetryAfter(
  header: string | null | undefined,
  now: number,
): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function mentionsRegion(reason: string): boolean {
  return reason.includes('LANGUAGE_NOT_ENABLED_IN_REGION');
}

function regionError(details: PulseErrorDetails): PulseError {
  return new PulseError(
    'language_region',
    'This Pulse host does not have the language: set SMALLEST_BASE_URL to the region that has it (zh, yue, ja, ko: US; ta, te, kn, ml: India), or choose another language.',
    details,
  );
}

function shorten(text: string): string {
  const line = text.slice(0, 2000).replace(/\s+/g, ' ').trim();
  return line.length > 200 || text.length > 2000 ? `${line.slice(0, 200)}…` : line;
}
