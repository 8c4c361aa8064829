export { ScriptedRecogniser, ScriptedSession, scriptedWords } from './scripted.js';
export { startPulseServer } from './server.js';
export type { PulseServer, PulseServerOptions } from './server.js';
export { Faults } from './faults.js';
export type { Refusal } from './faults.js';
export type { Stats, StreamRecord } from './stats.js';
export type {
  RecognisedWord,
  Recogniser,
  RecogniserEvents,
  RecogniserSession,
  SessionOptions,
} from './recogniser.js';
