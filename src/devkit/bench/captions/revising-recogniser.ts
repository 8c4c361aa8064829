import type { InterimTranscript, PulseEvent, Word } from '../../../pulse/events.js';
import { seeded } from '../../seeded.js';
import type { Script } from './script.js';

const INTERIM_MS = 250;
/** From a word's end to the first answer that has it. */
const LATENCY_MS = 120;
const PAUSE_MS = 1200;
/** A word is old enough for a final when so many have been heard after it. */
const CONTEXT = 2;

/** How often, of each word or answer. */
const CUT_WORD = 0.12;
const OTHER_WORD = 0.12;
const LATE_CORRECTION = 0.05;
const OTHER_FOR_ONCE = 0.03;
const LEFT_OUT = 0.04;
const FALSE_STOP = 0.2;

const OTHERS = 'the a and in on it is that this there for four two to one won new no know'.split(
  ' ',
);

interface Chance {
  /** From 0 to 1. */
  number(): number;
  happens(chance: number): boolean;
}

interface Said {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** What it is taken for while it is the newest word. */
  readonly first: string;
  /** What it is taken for until there is context behind it. */
  readonly early: string;
}

/**
 * Says a text as streaming recognisers do, in the ways in which they revise: the newest word is cut, or another one, until
 * it has been heard whole; some words need those behind them to be understood; an older word is another one for once; the
 * newest is missing for once; stops come and go at the end. Finals settle a few words at a time, behind what is heard.
 * @param often 1 as real ones do, 0 never
 */
export function revisingRecogniser(sentences: readonly string[], seed: number, often = 1): Script {
  const number = seeded(seed);
  const random: Chance = { number, happens: (chance) => number() < chance * often };
  const script: { at: number; event: PulseEvent }[] = [];
  let clock = 500;
  for (let index = 0; index < sentences.length;) {
    const count = 1 + Math.floor(number() * 3);
    const turn = speak(sentences.slice(index, index + count).join(' '), clock, random);
    script.push(...recognise(turn, random));
    clock = (turn.at(-1)?.end ?? clock) + PAUSE_MS;
    index += count;
  }
  return script;
}

function speak(text: string, from: number, random: Chance): Said[] {
  let clock = from;
  return text.split(' ').map((text) => {
    const start = clock + 40;
    clock = start + 120 + 35 * text.length;
    const other = OTHERS[Math.floor(random.number() * OTHERS.length)] ?? 'the';
    const cut = text.slice(0, Math.ceil(text.length / 2)).replace(/\P{L}+$/u, '') || text;
    const first = random.happens(CUT_WORD) ? cut : random.happens(OTHER_WORD) ? other : text;
    const early = random.happens(LATE_CORRECTION) ? other : text;
    return { text, start, end: clock, first, early };
  });
}

function recognise(said: readonly Said[], random: Chance): Script {
  const script: { at: number; event: PulseEvent }[] = [];
  const begin = said[0]?.start ?? 0;
  const end = said.at(-1)?.end ?? begin;
  script.push({ at: begin + LATENCY_MS, event: { type: 'speech_started', at: begin } });
  let settled = 0;
  let finalSize = 3 + Math.floor(random.number() * 5);
  for (let at = begin + INTERIM_MS; at < end + INTERIM_MS; at += INTERIM_MS) {
    const heard = said.filter((word) => word.start + 80 < at).length;
    if (heard - settled - CONTEXT >= finalSize) {
      script.push({ at: at + LATENCY_MS, event: final(said.slice(settled, settled + finalSize)) });
      settled += finalSize;
      finalSize = 3 + Math.floor(random.number() * 5);
    }
    const event = interim(said.slice(settled, heard), at, random);
    if (event) script.push({ at: at + LATENCY_MS, event });
  }
  const last = { ...final(said.slice(settled)), endOfTurn: true };
  script.push({ at: end + LATENCY_MS + 400, event: last });
  script.push({ at: end + LATENCY_MS + 400, event: { type: 'speech_ended', at: end } });
  return script;
}

function interim(said: readonly Said[], at: number, random: Chance): InterimTranscript | undefined {
  const dropped = said.length > 1 && random.happens(LEFT_OUT) ? 1 : 0;
  const heard = said.slice(0, said.length - dropped);
  const flip = random.happens(OTHER_FOR_ONCE) ? Math.floor(random.number() * heard.length) : -1;
  const words = heard.map((word, index): Word => {
    const behind = heard.length - index - 1;
    const incomplete = behind === 0 && word.end > at;
    const taken = incomplete ? word.first : behind < CONTEXT ? word.early : word.text;
    return { ...times(word), text: index === flip ? 'well' : taken };
  });
  const last = words.at(-1);
  if (!last) return undefined;
  const stop = /\p{L}$/u.test(last.text) && random.happens(FALSE_STOP) ? '.' : '';
  const text = words.map((word) => word.text).join(' ') + stop;
  return { type: 'interim', text, start: words[0]?.start ?? at, end: last.end, words };
}

function final(said: readonly Said[]) {
  const words = said.map((word): Word => ({ ...times(word), text: word.text, confidence: 0.9 }));
  return {
    type: 'final' as const,
    text: words.map(({ text }) => text).join(' '),
    start: words[0]?.start ?? 0,
    end: words.at(-1)?.end ?? 0,
    words,
    language: 'en',
    continuesWord: false,
    endOfTurn: false,
  };
}

function times({ start, end }: Said): { start: number; end: number } {
  return { start, end };
}
