/** For people who host the captioner in a program of their own. */
export { RoomCaptioner, type RoomCaptionerOptions } from './room/captioner.js';
export { connectOptions } from './room/connect-options.js';
export { StreamPool, type StreamPoolOptions } from './pulse/pool.js';
export { RoomError } from './room/errors.js';
export type { OpenStream } from './room/pipeline.js';
export type { RecogniserStream } from './room/track-captioner.js';
export type { PulseEvent } from './pulse/events.js';
export type { PulsePosition } from './pulse/recognised.js';
export type { PulseChanges } from './pulse/stream.js';
export type { CaptionerState, Status } from './room/status.js';
export { type Config, ConfigError, type ConfigFault, loadConfig } from './config/config.js';
export type { Caption, Speaker, TrackSource } from './captions/caption.js';
export { createLogger, type Logger } from './logging.js';
