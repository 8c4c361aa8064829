import { symbolOf, VOCABULARY, wordOf } from './alphabet.js';
import type { RecognisedWord } from '../recogniser.js';
import { type Frame, WINDOW } from './tone-reader.js';

const RATE = 16_000;
/** Frames of one burst: fewer are chance. */
const FEWEST_FRAMES = 2;
/** The longest silence between the bursts of a word, and within one that was torn. */
const LONGEST_BREAK = 0.05 * RATE;
/** So much of the last burst, beside the one before it, is enough when nothing more is to be waited for. */
const ENOUGH = 0.6;
/** A frame still hears a burst when this much of its samples is outside of it, on the average. */
const OVERHANG = 90;

interface HeardBurst {
  readonly place: number;
  readonly value: number;
  readonly start: number;
  end: number;
  frames: number;
  purity: number;
}

/** Puts the bursts of a stream together to words. Positions are samples. */
export class WordReader {
  private open: HeardBurst | undefined;
  private parts: HeardBurst[] = [];

  constructor(
    private readonly onBurst: (start: number, end: number) => void,
    private readonly onWord: (word: RecognisedWord) => void,
  ) {}

  push(frame: Frame): void {
    const symbol = frame.burst && symbolOf(frame.burst);
    const { open } = this;
    if (symbol !== undefined && open?.place === symbol.place && open.value === symbol.value) {
      this.extend(open, frame);
      return;
    }
    this.closeBurst();
    if (symbol === undefined) return;
    const start = frame.at + OVERHANG;
    this.open = {
      ...symbol,
      start,
      end: frame.at + WINDOW - OVERHANG,
      frames: 1,
      purity: frame.purity,
    };
  }

  /** Takes a word whose last burst is under way, if enough of it was heard. What is heard of it later is no word. */
  flush(): void {
    const { open } = this;
    const before = this.parts.at(-1);
    if (open?.place !== 2 || before?.place !== 1) return;
    if (open.frames >= ENOUGH * before.frames) this.closeBurst();
  }

  private extend(burst: HeardBurst, frame: Frame): void {
    burst.end = frame.at + WINDOW - OVERHANG;
    burst.frames += 1;
    burst.purity += frame.purity;
    if (burst.frames >= FEWEST_FRAMES) this.onBurst(burst.start, burst.end);
  }

  private closeBurst(): void {
    const burst = this.open;
    this.open = undefined;
    if (burst === undefined || burst.frames < FEWEST_FRAMES) return;
    const before = this.parts.at(-1);
    const near = before !== undefined && burst.start - before.end <= LONGEST_BREAK;
    if (near && before.place === burst.place && before.value === burst.value) {
      before.end = burst.end;
      before.frames += burst.frames;
      before.purity += burst.purity;
      return;
    }
    if (burst.place === 0) this.parts = [burst];
    else if (near && before.place === burst.place - 1) this.parts.push(burst);
    else this.parts = [];
    if (this.parts.length === 3) this.finishWord();
  }

  private finishWord(): void {
    const [first, second, third] = this.parts;
    this.parts = [];
    if (first === undefined || second === undefined || third === undefined) return;
    const text = VOCABULARY[wordOf(first.value, second.value, third.value) ?? -1];
    if (text === undefined) return;
    const frames = first.frames + second.frames + third.frames;
    const purity = (first.purity + second.purity + third.purity) / frames;
    this.onWord({
      text,
      start: first.start / RATE,
      end: third.end / RATE,
      confidence: Math.round(purity * 100) / 100,
    });
  }
}
