/**
 * The host cannot start or go on, for a reason that whoever runs it can change:
 * - `health_port`: the port of the health checks is taken.
 * - `livekit_unreachable`, `livekit_refused`: an answer of the LiveKit server, or none.
 */
export type HostErrorCode = 'health_port' | 'livekit_unreachable' | 'livekit_refused';

/** Its message says what to do, without secrets. */
export class HostError extends Error {
  override readonly name = 'HostError';

  constructor(
    readonly code: HostErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
