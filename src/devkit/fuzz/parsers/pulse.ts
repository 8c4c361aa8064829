import { CaptionSpeech } from './caption-speech.js';
import { errorFromClose, errorFromStatus, parseRetryAfter } from '../../../pulse/errors.js';
import { parseServerMessage } from '../../../pulse/messages.js';
import { reasonIn } from '../../../pulse/socket.js';
import { readWav, AudioFormatError, writeWav } from '../../pulse-server/wav.js';
import { assertFinite, byteParser, type FuzzedParser, textParser } from '../fuzzed-parser.js';

export const FINAL = JSON.stringify({
  type: 'transcription',
  status: 'success',
  session_id: 's',
  transcript: 'Hi Alice, so the plan is set. And then',
  is_final: true,
  is_last: false,
  speech_final: true,
  language: 'en',
  languages: ['en', 'fr'],
  words: [
    { word: 'Hi', start: 0.5, end: 0.75, confidence: 0.9, speaker: 1 },
    { word: 'Alice,', start: 0.8, end: 1.25, confidence: 0.8, speaker: 'speaker_2' },
    { word: 'so', start: 1.3, end: 1.4 },
    { word: 'the', start: 1.4, end: 1.5 },
    { word: 'plan', start: 1.5, end: 1.7 },
    { word: 'is', start: 1.8, end: 1.9 },
    { word: 'set.', start: 1.9, end: 2.1 },
    { word: 'And', start: 2.2, end: 2.4 },
    { word: 'then', start: 2.4, end: 2.6 },
  ],
  utterances: [{ text: 'Hi Alice,', start: 0.5, end: 1.25, speaker: 1 }],
  redacted_entities: ['[NAME_1]'],
});

const MESSAGES = [
  FINAL,
  FINAL.replace('"is_final":true', '"is_final":false'),
  '{"type":"transcription","transcription":"so","is_final":true,"is_last":true,"from_finalize":true}',
  '{"type":"speech_started","session_id":"s","timestamp":1.5}',
  '{"type":"speech_ended","session_id":"s","timestamp":2.5}',
  '{"type":"error","status":"error","message":"no"}',
  '{"error":"no","request_id":"r"}',
  '{"type":"pong"}',
];

const REFUSALS = [
  '{"error":"no such parameter","request_id":"r","details":{}}',
  '{"message":"LANGUAGE_NOT_ENABLED_IN_REGION"}',
  '120',
  'Wed, 25 Nov 2026 10:00:00 GMT',
  '<html><body>Bad gateway</body></html>',
];

export const pulseParsers: readonly FuzzedParser[] = [
  textParser({
    name: 'pulse message',
    seeds: MESSAGES,
    read: (text) => assertFinite(parseServerMessage(text)),
  }),
  textParser({
    name: 'pulse message to caption',
    seeds: MESSAGES,
    read: (text) => new CaptionSpeech().hear([text, FINAL]),
  }),
  textParser({
    name: 'pulse refusal',
    seeds: REFUSALS,
    read(text) {
      const reason = reasonIn(text);
      for (const status of [400, 403, 503]) {
        const { message } = errorFromStatus(status, reason, {
          retryAfterMs: parseRetryAfter(text, Date.now()),
        });
        assertShort(message);
      }
      assertShort(errorFromClose(1011, text).message);
    },
  }),
  byteParser({
    name: 'wav file',
    seeds: [writeWav({ sampleRate: 16_000, samples: new Int16Array(100).fill(7) })],
    read: (bytes) => readWav(Buffer.from(bytes)),
    mayThrow: (error) => error instanceof AudioFormatError,
  }),
];

function assertShort(message: string): void {
  if (message.length > 1000) throw new Error(`a message of ${message.length} characters`);
}
