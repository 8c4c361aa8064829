import type { Caption } from '../../../captions/caption.js';
import type { Word } from '../../../pulse/events.js';
import { seeded } from '../../seeded.js';

export interface CallShape {
  readonly lengthMs: number;
  readonly people: number;
  readonly speaking: number;
}

/** Of a person who speaks without haste. */
const WORD_MS = 330;
const PAUSE_MS = 400;
/** Sentences until another person speaks. */
const TURN = 4;

/**
 * What is captioned of a call in which always as many people speak, in the order in which segments become final. The
 * same for the same shape.
 * @param sentences what they say
 * @param ids begins the segments' ids
 */
export function* longCall(
  { lengthMs, people, speaking }: CallShape,
  sentences: readonly string[],
  epoch: number,
  ids: string,
): Generator<Caption> {
  const random = seeded(1);
  const floors = Array.from({ length: speaking }, (_, floor) => ({ at: floor * 700, said: 0 }));
  for (let count = 0; ; count += 1) {
    const floor = floors.reduce((one, other) => (other.at < one.at ? other : one));
    if (floor.at >= lengthMs) return;
    const place = floors.indexOf(floor);
    const turn = Math.floor(floor.said / TURN);
    // Never two floors with one person: each has people of its own.
    const person =
      (place + speaking * (turn % Math.max(1, Math.floor(people / speaking)))) % people;
    const text = sentences[Math.floor(random() * sentences.length)] ?? '';
    const caption = captionOf(person, text, floor.at, random);
    floor.at = caption.end + PAUSE_MS;
    floor.said += 1;
    yield { ...caption, id: `${ids}${count}`, epoch };
  }
}

export function identityOf(person: number): { identity: string; name: string } {
  return { identity: `person-${person}`, name: `Person ${person}` };
}

function captionOf(
  person: number,
  text: string,
  start: number,
  random: () => number,
): Omit<Caption, 'id' | 'epoch'> {
  const words: Word[] = text.split(' ').map((word, index) => ({
    text: word,
    start: start + index * WORD_MS,
    end: start + index * WORD_MS + WORD_MS - 40,
    confidence: Number((0.7 + 0.3 * random()).toFixed(4)),
  }));
  return {
    rev: 6,
    final: true,
    text,
    settled: text.length,
    language: 'en',
    speaker: { ...identityOf(person), label: `Person ${person}` },
    track: { sid: `TR_person${person}`, source: 'microphone' },
    start,
    end: words.at(-1)?.end ?? start,
    words,
  };
}
