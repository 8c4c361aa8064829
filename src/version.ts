/** Kept equal to package.json by a test. */
export const NAME = 'livekit-pulse-captions';
export const VERSION = '0.1.0';
