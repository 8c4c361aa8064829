import type { Caption } from '../../../captions/caption.js';
import { decodeMessage, encodeMessage } from '../../../captions/schema.js';
import { loadBacklog } from '../../../client/backlog.js';
import { findCaptioner } from '../../../client/captioner.js';
import { CaptionStore } from '../../../client/caption-store.js';
import {
  type CaptionUpdate,
  parseCaptionMessage,
  parseTranscriptionEvent,
  parseTranscriptionStream,
} from '../../../client/caption-update.js';
import { assertFinite, byteParser, type FuzzedParser, textParser } from '../fuzzed-parser.js';
import { attributesIn } from './attributes.js';

export const CAPTION: Caption = {
  id: 'SG_a',
  rev: 3,
  final: true,
  text: 'so the plan is set',
  settled: 18,
  language: 'en',
  speaker: { identity: 'alice', name: 'Alice Ng', label: 'Alice Ng' },
  track: { sid: 'TR_a', source: 'microphone' },
  start: 12_340,
  end: 13_910,
  epoch: 1_795_400_000_000,
  words: [{ text: 'so', start: 12_340, end: 12_510, confidence: 0.98 }],
};

const MESSAGES = [CAPTION, { ...CAPTION, final: false, settled: 6 }].map(encodeMessage);
const STREAM = JSON.stringify({
  'lk.segment_id': 'SG_a',
  'lk.transcription_final': 'true',
  'lk.transcribed_track_id': 'TR_a',
  'captions.rev': '3',
  'captions.language': 'en',
  'captions.speaker': 'Alice Ng',
  'captions.start': '12340',
  'captions.end': '13910',
  'captions.epoch': '1795400000000',
});
const EVENT = JSON.stringify({
  ...{ id: 'SG_a', text: 'so', final: true, language: 'en', startTime: 12_340, endTime: 13_910 },
});
const CAPTIONER = JSON.stringify({
  'captions.v': '1',
  'captions.state': 'live',
  'captions.reason': '',
  'captions.languages': 'en fr',
});

/** One reader for all of them: what it keeps is bounded. */
const store = new CaptionStore(1000);

export const captionParsers: readonly FuzzedParser[] = [
  byteParser({
    name: 'data message, schema',
    seeds: MESSAGES,
    read: (bytes) => assertFinite(decodeMessage(bytes)),
  }),
  byteParser({
    name: 'data message, client',
    seeds: MESSAGES,
    read: (bytes) => keep(parseCaptionMessage(bytes)),
  }),
  textParser({
    name: 'text stream, client',
    seeds: [STREAM],
    read(text) {
      const attributes = attributesIn(text);
      keep(parseTranscriptionStream({ attributes, identity: text, name: text, text, order: 1 }));
    },
  }),
  textParser({
    name: 'transcription event, client',
    seeds: [EVENT],
    read(text) {
      const event = { id: text, text, final: false, language: text, startTime: 1, endTime: 2 };
      keep(parseTranscriptionEvent({ ...event, ...parsed(text) }, { identity: text }, 1));
    },
  }),
  textParser({
    name: 'answer of captions.backlog, client',
    seeds: [
      `{"v":1,"captions":[${MESSAGES.map((bytes) => Buffer.from(bytes).toString()).join(',')}],"more":true}`,
    ],
    async read(answer) {
      const localParticipant = { performRpc: () => Promise.resolve(answer) };
      const room = { localParticipant } as unknown as Parameters<typeof loadBacklog>[0];
      await loadBacklog(room, 'captions-1', keep);
    },
  }),
  textParser({
    name: 'attributes of the captioner, client',
    seeds: [CAPTIONER],
    read(text) {
      const attributes = { 'captions.v': '1', 'captions.reason': text, ...attributesIn(text) };
      const { reason, languages } = findCaptioner([{ identity: 'a', attributes, joinedAt: 1 }]);
      if (reason.length > 300 || languages.length > 100) throw new Error('more than is shown');
    },
  }),
];

function keep(update: CaptionUpdate | undefined): void {
  if (!update) return;
  assertFinite(update);
  if (update.text.length > 5000 || update.settled > update.text.length) throw new Error('its text');
  store.apply(update, 1_795_400_000_000);
  if (store.segments.length > 1000) throw new Error('more captions than are kept');
}

function parsed(text: string): object {
  try {
    const raw: unknown = JSON.parse(text);
    return typeof raw === 'object' && raw !== null ? raw : {};
  } catch {
    return {};
  }
}
