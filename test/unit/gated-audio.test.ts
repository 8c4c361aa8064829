import { describe, expect, test } from 'vitest';
import { GatedAudio, type GatedAudioOptions } from '../../src/audio/gated-audio.js';
import { openVoiceDetector } from '../../src/audio/voice-detector.js';
import { LoudnessDetector } from '../support/detectors.js';

const RATE = 1000;
const FRAME = 50;
const HUM = 5;
const VOICE = 1000;

interface Heard {
  readonly audio: { readonly samples: Int16Array; readonly at: number }[];
  /** Behind how many pieces of audio speech was over. */
  readonly pauses: number[];
  readonly failures: unknown[];
}

function gate(options: Partial<GatedAudioOptions> = {}) {
  const heard: Heard = { audio: [], pauses: [], failures: [] };
  const gated = new GatedAudio({
    sampleRate: RATE,
    prerollMs: 100,
    hangoverMs: 200,
    openDetector: new LoudnessDetector().open,
    onAudio: (samples, at) => heard.audio.push({ samples, at }),
    onPause: () => heard.pauses.push(heard.audio.length),
    onFailure: (error) => heard.failures.push(error),
    ...options,
  });
  return { gated, heard };
}

/** Frames of one value each, one after the other. @returns the time after them */
function push(gated: GatedAudio, values: readonly number[], from = 0): number {
  let at = from;
  for (const value of values) {
    gated.push(new Int16Array(FRAME).fill(value), at);
    at += FRAME;
  }
  return at;
}

const hum = (frames: number): number[] => Array<number>(frames).fill(HUM);
const starts = ({ audio }: Heard): number[] => audio.map(({ at }) => at);

test('speech is passed with what was before it and after it, at its own times', async () => {
  const { gated, heard } = gate();
  push(gated, [...hum(10), VOICE, VOICE, ...hum(10), VOICE, ...hum(10)]);
  await gated.settled();
  expect(starts(heard)).toEqual([
    ...[400, 450, 500, 550, 600, 650, 700, 750],
    ...[1000, 1050, 1100, 1150, 1200, 1250, 1300],
  ]);
  expect(heard.pauses).toEqual([8, 15]);
  expect(gated.passedMs).toBe(15 * FRAME);
  expect(heard.failures).toEqual([]);
});

test('nothing is passed twice when somebody speaks again at once', async () => {
  const { gated, heard } = gate();
  push(gated, [VOICE, ...hum(4), VOICE, ...hum(5), VOICE]);
  await gated.settled();
  expect(starts(heard)).toEqual(Array.from({ length: 12 }, (_, index) => index * FRAME));
});

test('the digital silence of a muted track is never heard, and ends what was said', async () => {
  const detector = new LoudnessDetector();
  const { gated, heard } = gate({ openDetector: detector.open });
  push(gated, [...Array<number>(100).fill(0), VOICE, ...Array<number>(100).fill(0), VOICE]);
  await gated.settled();
  expect(detector.heard).toHaveLength(6);
  expect(heard.audio).toHaveLength(2 + 5 + 2 + 1);
  // What it hears next does not follow what it heard before.
  expect(detector.resets).toBe(2);
});

test('audio that comes while the detector is being opened waits for it', async () => {
  const detector = new LoudnessDetector();
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const { gated, heard } = gate({ openDetector: () => opened.then(() => detector) });
  push(gated, [...hum(5), VOICE, ...hum(2)]);
  expect(heard.audio).toEqual([]);
  expect(gated.heldFrom).toBe(0);
  open();
  await gated.settled();
  expect(starts(heard)).toEqual([150, 200, 250, 300, 350]);
  expect(gated.heldFrom).toBeUndefined();
});

describe('without a detector', () => {
  test.each([
    ['there is none', () => Promise.reject(new Error('no detector for this machine'))],
    [
      'it fails at once',
      () => Promise.resolve(Object.assign(new LoudnessDetector(), { hear: fail })),
    ],
  ])('everything but digital silence is passed, and that is told once: %s', async (_, open) => {
    const { gated, heard } = gate({ openDetector: open });
    const silence = Array<number>(20).fill(0);
    let at = push(gated, [...hum(3), ...silence]);
    await gated.settled();
    at = push(gated, hum(2), at);
    await gated.settled();
    push(gated, silence, at);
    await gated.settled();
    expect(heard.failures).toHaveLength(1);
    expect(starts(heard)).toEqual([
      ...[0, 50, 100, 150, 200, 250, 300],
      ...[1050, 1100, 1150, 1200, 1250, 1300, 1350, 1400],
    ]);
  });

  test('what was held when it failed is passed', async () => {
    const detector = new LoudnessDetector();
    const { gated, heard } = gate({ openDetector: detector.open });
    const at = push(gated, hum(5));
    await gated.settled();
    detector.hear = fail;
    push(gated, hum(2), at);
    await gated.settled();
    expect(starts(heard)).toEqual([150, 200, 250, 300]);
  });

  function fail(): Promise<number> {
    return Promise.reject(new Error('out of order'));
  }
});

test('what waits for a detector that cannot keep up is bounded: the oldest is passed unheard', async () => {
  const detector = new LoudnessDetector();
  let answer: () => void = () => undefined;
  const first = new Promise<number>((resolve) => (answer = () => resolve(0)));
  const hear = detector.hear.bind(detector);
  detector.hear = (samples) => {
    detector.hear = hear;
    return first.then(() => hear(samples));
  };
  const { gated, heard } = gate({ openDetector: detector.open });
  push(gated, hum(800));
  expect(heard.audio).toEqual([]);
  answer();
  await gated.settled();
  const passed = 10_000 / FRAME;
  expect(heard.audio).toHaveLength(passed + 200 / FRAME);
  expect(heard.pauses).toHaveLength(1);
});

test('closing takes back what is not decided, and may be done twice', async () => {
  const detector = new LoudnessDetector();
  const { gated, heard } = gate({ openDetector: detector.open });
  push(gated, [VOICE, VOICE]);
  gated.close();
  gated.close();
  push(gated, [VOICE]);
  await gated.settled();
  expect(heard.audio).toEqual([]);
  expect(gated.heldFrom).toBeUndefined();
});

test('what the receiver throws comes out where audio is pushed', async () => {
  const { gated } = gate({
    onAudio: () => {
      throw new Error('full');
    },
  });
  push(gated, [VOICE]);
  await gated.settled();
  expect(() => push(gated, [VOICE])).toThrow('full');
});

test.each([8000, 16_000, 22_050, 24_000, 44_100, 48_000])(
  'the detector of this machine hears a voice at %i Hz, and none in a hum',
  async (sampleRate) => {
    const voice = (index: number) => {
      // A buzz with the resonances of a vowel, as loud as speech.
      const time = index / sampleRate;
      const buzz = Array.from({ length: 24 }, (_, number) => {
        const hertz = 120 * (number + 1) * (1 + 0.02 * Math.sin(2 * Math.PI * 5 * time));
        const near = (formant: number) => Math.exp(-(((hertz - formant) / 150) ** 2));
        return (near(700) + near(1200) + 0.05) * Math.sin(2 * Math.PI * hertz * time);
      });
      return buzz.reduce((sum, value) => sum + value, 0);
    };
    const second = (value: (index: number) => number) =>
      Int16Array.from({ length: sampleRate }, (_, index) => Math.round(3000 * value(index)));
    const detector = await openVoiceDetector(sampleRate);
    const hum50 = await detector.hear(
      second((index) => 0.1 * Math.sin((2 * Math.PI * 50 * index) / sampleRate)),
    );
    const vowel = await detector.hear(second(voice));
    detector.close();
    detector.close();
    expect(hum50).toBeLessThan(0.1);
    expect(vowel).toBeGreaterThan(0.3);
  },
);
