import { beforeAll, describe, expect, test } from 'vitest';
import { GatedAudio } from '../../src/audio/gated-audio.js';
import { openVoiceDetector } from '../../src/audio/voice-detector.js';
import {
  babble,
  levelOf,
  music,
  noisy,
  pinkNoise,
  type Noise,
} from '../../src/devkit/speech/noise.js';
import { recordings } from '../support/recordings.js';

const RATE = 16_000;
const FRAME = (RATE * 50) / 1000;
const PREROLL_MS = 400;
const HANGOVER_MS = 700;
const PAUSE_S = 2;
const NAMES = ['0870', '0880', '0890', '0930'].map((number) => `librivox-${number}`);

let clips: readonly Int16Array[];
/** All of them, with a pause before each and after the last. */
let speech: Int16Array;
/** Of speech, without the pauses. */
let loudness: number;

beforeAll(async () => {
  const all = await recordings(...NAMES, 'maya-1', 'tom-4', 'ewan-4');
  clips = all.map(({ samples }) => samples);
  speech = joined(clips, PAUSE_S);
  loudness = levelOf(joined(clips, 0));
});

function joined(parts: readonly Int16Array[], pauseSeconds: number): Int16Array {
  const pause = pauseSeconds * RATE;
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length + pause, pause));
  let at = pause;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length + pause;
  }
  return whole;
}

/** Which samples pass the gate; all at their own times. */
async function passed(samples: Int16Array): Promise<Uint8Array> {
  const through = new Uint8Array(samples.length);
  let atItsTime = true;
  const gate = new GatedAudio({
    sampleRate: RATE,
    prerollMs: PREROLL_MS,
    hangoverMs: HANGOVER_MS,
    openDetector: openVoiceDetector,
    onAudio: (piece, at) => {
      const from = Math.round((at * RATE) / 1000);
      atItsTime &&= piece.every((sample, index) => sample === samples[from + index]);
      through.fill(1, from, from + piece.length);
    },
    onPause: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  for (let from = 0; from < samples.length; from += FRAME) {
    gate.push(samples.slice(from, from + FRAME), (from / RATE) * 1000);
    await gate.settled();
  }
  gate.close();
  expect(atItsTime).toBe(true);
  return through;
}

/** How much of what is louder than that does not pass, in milliseconds. */
function lostMs(clean: Int16Array, through: Uint8Array, quietest: number): number {
  const frame = RATE / 100;
  let lost = 0;
  for (let from = 0; from < clean.length; from += frame) {
    if (levelOf(clean.subarray(from, from + frame)) < quietest) continue;
    if (through.subarray(from, from + frame).includes(0)) lost += 10;
  }
  return lost;
}

function passedMs(through: Uint8Array): number {
  return (through.reduce((sum, is) => sum + is, 0) / RATE) * 1000;
}

/** As much as may pass for so many stretches of speech. */
function mostMs(parts: readonly Int16Array[]): number {
  const around = PREROLL_MS + HANGOVER_MS + 300;
  return parts.reduce((sum, part) => sum + (part.length / RATE) * 1000 + around, 0);
}

const NOISES: Readonly<Record<string, () => Noise>> = {
  'pink noise': () => pinkNoise(speech.length, 1),
  music: () => music(speech.length, RATE, 1),
  babble: () => babble(clips, speech.length, 1),
};

describe.each(Object.entries(NOISES))('speech in %s', (name, noise) => {
  test.each([20, 10, 5])('passes whole at %i dB', async (decibels) => {
    const level = loudness / 10 ** (decibels / 20);
    const through = await passed(noisy(speech, noise(), level));
    // What is 20 dB below the noise nobody hears.
    expect(lostMs(speech, through, Math.max(loudness / 60, level / 10))).toBe(0);
    // Babble is speech.
    if (name !== 'babble') expect(passedMs(through)).toBeLessThan(mostMs(clips));
  });
});

test.each([0, 20, 30, 40])('speech at -%i dB passes whole, and little else', async (decibels) => {
  const soft = speech.map((sample) => Math.round(sample / 10 ** (decibels / 20)));
  const through = await passed(noisy(soft, pinkNoise(soft.length, 2), 3));
  expect(lostMs(speech, through, loudness / 60)).toBe(0);
  expect(passedMs(through)).toBeLessThan(mostMs(clips));
});

test.each([10, 100, 1000, 3000])('noise of level %i alone does not pass', async (level) => {
  const silence = new Int16Array(20 * RATE);
  expect(passedMs(await passed(noisy(silence, pinkNoise(silence.length, 3), level)))).toBe(0);
});

test.each([120, 200, 300])('sounds of %i ms pass, each by itself', async (ms) => {
  const sounds = clips.map((clip) => loudestPart(clip, (RATE * ms) / 1000));
  const words = joined(sounds, PAUSE_S);
  const through = await passed(noisy(words, pinkNoise(words.length, 4), 20));
  expect(lostMs(words, through, loudness / 60)).toBe(0);
  expect(passedMs(through)).toBeLessThan(mostMs(sounds));
});

/** Without the clicks of a cut. */
function loudestPart(clip: Int16Array, length: number): Int16Array {
  const starts = Array.from(
    { length: Math.floor((clip.length - length) / 160) },
    (_, at) => 160 * at,
  );
  const parts = starts.map((at) => clip.subarray(at, at + length));
  const loudest = parts.reduce((best, part) => (levelOf(part) > levelOf(best) ? part : best));
  const edge = RATE / 50;
  return loudest.map((sample, index) =>
    Math.round(sample * Math.min(1, index / edge, (length - 1 - index) / edge)),
  );
}
