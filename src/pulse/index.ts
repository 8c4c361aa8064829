export { PulseError, type PulseErrorCode } from './errors.js';
export type * from './events.js';
export { LANGUAGES, normaliseLanguage, type LanguageMode } from './languages.js';
export {
  DEFAULT_BASE_URL,
  streamOptionFaults,
  streamOptionsFromEnv,
  type PulseConnectionOptions,
  type PulseRecognition,
  type PulseStreamOptions,
} from './options.js';
export { PulseStream, type PulseChanges, type PulseStreamHandlers } from './stream.js';
export {
  transcribe,
  type BatchAudio,
  type BatchCall,
  type BatchResult,
  type BatchTranscript,
} from './batch.js';
export type { PulsePosition } from './recognised.js';
export type { PulseBatchOptions } from './batch-options.js';
export { SpeechStream } from './speech-stream.js';
export { STT, type STTOptions } from './stt.js';
