import { setTimeout as sleep } from 'node:timers/promises';
import { openVoiceDetector } from '../../../audio/voice-detector.js';
import type { PulseEvent } from '../../../pulse/events.js';
import { PulseStream } from '../../../pulse/stream.js';
import { GatedStream } from '../../../room/gated-stream.js';
import {
  createExactRecogniser,
  encodeWords,
  VOCABULARY,
  wordSpans,
} from '../../pulse-server/exact/index.js';
import { type Recogniser, startPulseServer } from '../../pulse-server/index.js';
import { readClip } from '../../speech/recordings.js';
import { arranged, FRAME, GATE, inARoom, RATE, secondsOf } from './through-gate.js';

export interface BurstFigures {
  readonly seconds: number;
  readonly speechSeconds: number;
  /** What the service has received. */
  readonly sentSeconds: number;
  readonly words: number;
  readonly lost: number;
  /** Furthest from when a word was said to when it is said to have been, in milliseconds. */
  readonly worstTimeMs: number;
}

const SECONDS = 54;
const BEGIN_S = [5, 22, 40] as const;
/** 9.1 s together. */
const RECORDED = ['maya-1.wav', 'ewan-4.wav', 'librivox-0880.wav'] as const;
const WORDS = [7, 7, 6] as const;
const ENCODING = { sampleRate: RATE, wordMs: 320, marginMs: 250 } as const;

/**
 * Somebody who says three things in a minute, in recorded speech: how much of it is sent.
 * @param speed how much faster than people speak it goes
 */
export async function measureBursts(speed = 4): Promise<BurstFigures> {
  const parts = await Promise.all(RECORDED.map(async (file) => (await readClip(file)).samples));
  const [{ sentSeconds }, exact] = await Promise.all([
    listen(parts, createExactRecogniser(), speed),
    measureWords(speed),
  ]);
  return { ...exact, speechSeconds: Number(secondsOf(parts).toFixed(2)), sentSeconds };
}

/** The same in words that a program reads back without mistakes: whether they arrive, and at their times. */
async function measureWords(
  speed: number,
): Promise<Omit<BurstFigures, 'speechSeconds' | 'sentSeconds'>> {
  let next = 0;
  const bursts = WORDS.map((count) => Array.from({ length: count }, () => (next += 17)));
  const parts = bursts.map((indices) => encodeWords(indices, ENCODING));
  const { events } = await listen(parts, createExactRecogniser(), speed);
  const heard = events.flatMap((event) => (event.type === 'final' ? event.words : []));
  const said = bursts.flatMap((indices, burst) =>
    wordSpans(indices.length, ENCODING).map(({ start }, place) => ({
      text: VOCABULARY[indices[place] ?? 0],
      at: (BEGIN_S[burst] ?? 0) * 1000 + start,
    })),
  );
  const found = said.map(({ text, at }) => {
    const word = heard.find((one) => one.text.toLowerCase().replace(/\W/g, '') === text);
    return word && Math.abs(word.start - at);
  });
  const offsets = found.filter((offset) => offset !== undefined);
  return {
    seconds: SECONDS,
    words: said.length,
    lost: found.length - offsets.length,
    worstTimeMs: Math.round(Math.max(0, ...offsets)),
  };
}

async function listen(parts: readonly Int16Array[], recogniser: Recogniser, speed: number) {
  const server = await startPulseServer({ recogniser });
  const events: PulseEvent[] = [];
  try {
    const stream = new GatedStream(
      new PulseStream(
        { apiKey: 'bench', baseUrl: server.url, vadEvents: true, wordTimestamps: true },
        { onEvent: (event) => events.push(event) },
      ),
      {
        sampleRate: RATE,
        ...GATE,
        openDetector: openVoiceDetector,
        onFailure: (error) => {
          throw error;
        },
      },
    );
    const placed = parts.map((samples, burst) => ({ samples, at: BEGIN_S[burst] ?? 0 }));
    const sound = inARoom(arranged(placed, SECONDS), 5);
    const began = performance.now();
    for (let from = 0; from < sound.length; from += FRAME) {
      const at = (from / RATE) * 1000;
      await sleep(Math.max(0, began + at / speed - performance.now()));
      stream.push(sound.slice(from, from + FRAME), at);
    }
    await stream.end();
    return { events, sentSeconds: Number((server.stats.audioMs / 1000).toFixed(2)) };
  } finally {
    await server.close();
  }
}
