/** The room is not as the captioner needs it. */
export class RoomError extends Error {
  override readonly name = 'RoomError';

  constructor(
    readonly code: 'not_connected',
    message: string,
  ) {
    super(message);
  }
}
