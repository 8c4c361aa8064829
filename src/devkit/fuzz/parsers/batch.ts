import { parseBatchAnswer } from '../../../pulse/batch-answer.js';
import { PulseError } from '../../../pulse/errors.js';
import { FORMATS } from '../../../transcript/exports/formats.js';
import { formatCues } from '../../../transcript/exports/format-cues.js';
import { recordingCues } from '../../../transcript/recording.js';
import { assertFinite, type FuzzedParser, textParser } from '../fuzzed-parser.js';

const ANSWERS = [
  JSON.stringify({
    status: 'success',
    transcription: 'Hi Alice, so the plan is set. And then',
    words: [
      { word: 'Hi', start: 0.5, end: 0.75, confidence: 0.9, speaker: 'speaker_0' },
      { word: 'Alice,', start: 0.8, end: 1.25, confidence: 0.8, speaker: 'speaker_0' },
      { word: 'so', start: 1.3, end: 1.4, speaker: 1 },
      { word: 'the', start: 1.4, end: 1.5, speaker: 1 },
      { word: 'plan', start: 4.5, end: 4.7 },
    ],
    utterances: [{ text: 'Hi Alice,', start: 0.5, end: 1.25, speaker: 'speaker_0' }],
    metadata: { duration: 12.5, fileSize: 400_000 },
    gender: 'female',
  }),
  JSON.stringify({
    status: 'success',
    transcript: 'so the plan',
    utterances: [
      { text: 'so', start: 0, end: 1, speaker: 1 },
      { text: 'the plan', start: 1, end: 2 },
    ],
    language: 'en',
    request_id: 'r',
  }),
  '{"transcription":"so the plan is set","metadata":{"duration":2.5}}',
  '{"status":"processing","request_id":"r"}',
];

export const batchParsers: readonly FuzzedParser[] = [
  textParser({
    name: 'answer of the batch API, to every format',
    seeds: ANSWERS,
    read(text) {
      const result = parseBatchAnswer(text, undefined);
      if (result.type !== 'transcript') return;
      const { words, utterances, durationMs } = result;
      assertFinite({ words, utterances, durationMs });
      const cues = recordingCues(result);
      assertFinite(cues);
      for (const format of FORMATS) formatCues(cues, format, { title: 'call', language: 'en' });
    },
    mayThrow: (error) => error instanceof PulseError && error.code === 'protocol',
  }),
];
