export type LiveKitServerErrorCode =
  'LIVEKIT_NOT_INSTALLED' | 'LIVEKIT_DOWNLOAD_FAILED' | 'LIVEKIT_DID_NOT_START';

export class LiveKitServerError extends Error {
  override readonly name = 'LiveKitServerError';

  constructor(
    readonly code: LiveKitServerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
