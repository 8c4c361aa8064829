import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Preroll } from '../../src/audio/preroll.js';
import { type Passage, SpeechGate } from '../../src/audio/speech-gate.js';

const PIECE_MS = 50;
const HANGOVER_MS = 200;

function passages(probabilities: readonly number[]): Passage[] {
  const gate = new SpeechGate({ hangoverMs: HANGOVER_MS });
  return probabilities.map((probability) => gate.step(probability, PIECE_MS));
}

describe('what becomes of audio', () => {
  test.each([
    ['nobody speaks', [0, 0.05, 0.09], ['held', 'held', 'held']],
    [
      'a short word',
      [0, 0.9, 0, 0, 0, 0, 0],
      ['held', 'opens', 'passes', 'passes', 'passes', 'closes', 'held'],
    ],
    ['a soft beginning', [0.09, 0.1, 0.4, 0.9], ['held', 'opens', 'passes', 'passes']],
    [
      'a voice that sinks inside a word',
      [0.9, 0, 0, 0, 0.07, 0, 0, 0, 0.07],
      ['opens', ...Array<Passage>(8).fill('passes')],
    ],
    [
      'a sound that would not have opened it does not keep it open for ever',
      [0.9, 0.06, 0.06, 0.06, 0.06, 0.09],
      ['opens', 'passes', 'passes', 'passes', 'closes', 'held'],
    ],
    [
      'several words with a pause after each',
      [0.9, 0, 0, 0, 0, 0.9, 0, 0, 0, 0],
      [
        ...['opens', 'passes', 'passes', 'passes', 'closes'],
        ...['opens', 'passes', 'passes', 'passes', 'closes'],
      ],
    ],
  ])('%s', (_, probabilities, expected) => {
    expect(passages(probabilities)).toEqual(expected);
  });

  test('whatever is heard, every voice passes, and as much after it as was promised', () => {
    const probability = fc.oneof(
      fc.constant(0),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(probability), (probabilities) => {
        const passed = passages(probabilities).map((passage) => passage !== 'held');
        for (const [index, probability] of probabilities.entries()) {
          if (probability < 0.1) continue;
          const after = passed.slice(index, index + 1 + HANGOVER_MS / PIECE_MS);
          expect(after.every((is) => is)).toBe(true);
        }
      }),
    );
  });

  test('it opens and closes in turn', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.3, noNaN: true })), (probabilities) => {
        const turns = passages(probabilities).filter(
          (passage) => passage === 'opens' || passage === 'closes',
        );
        expect(turns).toEqual(turns.map((_, index) => (index % 2 === 0 ? 'opens' : 'closes')));
      }),
    );
  });
});

describe('the audio before speech', () => {
  const RATE = 1000;
  /** A sample is a millisecond, and has the time as its value. */
  const piece = (at: number, ms: number) => ({
    at,
    samples: Int16Array.from({ length: ms }, (_, index) => at + index),
  });

  test('is the last that was kept, to the sample', () => {
    const preroll = new Preroll(RATE, 400);
    for (let at = 0; at < 3000; at += 70) preroll.push(piece(at, 70));
    const taken = preroll.take();
    const samples = taken.flatMap(({ samples }) => [...samples]);
    expect(samples).toHaveLength(400);
    expect(samples.at(-1)).toBe(3009);
    for (const { at, samples } of taken) expect(samples[0]).toBe(at);
    expect(preroll.take()).toEqual([]);
    expect(preroll.from).toBeUndefined();
  });

  test('is all that there is when speech begins early', () => {
    const preroll = new Preroll(RATE, 400);
    preroll.push(piece(0, 70));
    preroll.push(piece(70, 70));
    expect(preroll.from).toBe(0);
    expect(preroll.take()).toEqual([piece(0, 70), piece(70, 70)]);
  });

  test('may be none', () => {
    const preroll = new Preroll(RATE, 0);
    preroll.push(piece(0, 70));
    expect(preroll.take().flatMap(({ samples }) => [...samples])).toEqual([]);
  });

  test('is bounded, in order and from one place, whatever the pieces are', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(lengths, fc.nat(1000), (pieces, most) => {
        const preroll = new Preroll(RATE, most);
        let at = 0;
        for (const ms of pieces) {
          preroll.push(piece(at, ms));
          at += ms;
        }
        const samples = preroll.take().flatMap(({ samples }) => [...samples]);
        expect(samples).toEqual(
          Array.from({ length: Math.min(most, at) }, (_, index) => at - samples.length + index),
        );
      }),
    );
  });
});
