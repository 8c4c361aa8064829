import { speechIndex } from '../speech/recordings.js';
import { read, type Reading } from './captions/reader.js';
import { recordedPeople } from './captions/recorded-people.js';
import { revisingRecogniser } from './captions/revising-recogniser.js';
import type { Script } from './captions/script.js';

const INTERVAL_MS = 100;
const SPEAKERS = 6;
/** Of shown text that may be taken back, for each character of the final text. */
const BAR = 0.2;

interface Figures {
  readonly recogniser: string;
  readonly words: number;
  readonly minutes: number;
  /** Normalised erasure of the recogniser's own text, and of the captions. */
  readonly rawErasure: number;
  readonly erasure: number;
  /** Characters. */
  readonly settledTakenBack: number;
  /** Later than the recogniser first said a word: in a segment, and with the pace of updates. */
  readonly segmentingMs: Quantiles;
  readonly sendingMs: Quantiles;
  /** Of one person who speaks. */
  readonly updatesPerSecond: number;
  readonly bytesPerMinute: WireFigures;
  readonly packetsPerMinute: WireFigures;
}

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}
type WireFigures = Reading['wire']['bytes'];

/**
 * How still captions are, how late, and what they cost a listener: with a recogniser that never revises, one that
 * revises as streaming recognisers do, and the local one on recorded speech.
 */
export async function benchCaptions(): Promise<object> {
  const { clips } = await speechIndex();
  const sentences = clips.flatMap(({ text }) => text.match(/[^.?!]+[.?!]+/g) ?? []);
  const lines = Array.from({ length: 3 }, () => sentences.map((line) => line.trim())).flat();
  const seeds = Array.from({ length: SPEAKERS }, (_, index) => index + 1);
  const runs: Figures[] = [];
  for (const [name, scripts] of [
    ['steady', seeds.map((seed) => revisingRecogniser(lines, seed, 0))],
    ['revising', seeds.map((seed) => revisingRecogniser(lines, seed))],
    ['recorded speech', await recordedPeople((line) => console.log(line))],
  ] as const) {
    const figures = await measure(name, scripts);
    console.log(
      `${name}: erasure ${figures.erasure} (raw ${figures.rawErasure}), ${figures.segmentingMs.p50} ms later (p99 ${figures.segmentingMs.p99}), ${figures.updatesPerSecond} updates a second`,
    );
    runs.push(figures);
  }
  const holds = runs.every(
    ({ erasure, settledTakenBack }) => erasure <= BAR && settledTakenBack === 0,
  );
  return {
    bench: 'captions',
    node: process.version,
    intervalMs: INTERVAL_MS,
    bar: BAR,
    holds,
    runs,
  };
}

async function measure(recogniser: string, scripts: readonly Script[]): Promise<Figures> {
  const readings: Reading[] = [];
  for (const script of scripts) readings.push(await read(script, INTERVAL_MS));
  const sum = (value: (reading: Reading) => number): number =>
    readings.reduce((total, reading) => total + value(reading), 0);
  const minutes = sum((reading) => reading.minutes);
  const aMinute = (kind: 'bytes' | 'packets'): WireFigures => ({
    streams: Math.round(sum(({ wire }) => wire[kind].streams) / minutes),
    segments: Math.round(sum(({ wire }) => wire[kind].segments) / minutes),
    data: Math.round(sum(({ wire }) => wire[kind].data) / minutes),
  });
  const erasure = (which: 'raw' | 'shown'): number =>
    round(sum((reading) => reading[which].taken) / sum((reading) => reading[which].finalLength), 3);
  return {
    recogniser,
    words: sum(({ segmenting }) => segmenting.length),
    minutes: round(minutes, 1),
    rawErasure: erasure('raw'),
    erasure: erasure('shown'),
    settledTakenBack: sum(({ shown }) => shown.settledTaken),
    segmentingMs: quantiles(readings.flatMap(({ segmenting }) => segmenting)),
    sendingMs: quantiles(readings.flatMap(({ sending }) => sending)),
    updatesPerSecond: round(sum(({ updates }) => updates) / minutes / 60, 2),
    bytesPerMinute: aMinute('bytes'),
    packetsPerMinute: aMinute('packets'),
  };
}

function quantiles(values: number[]): Quantiles {
  const sorted = values.sort((one, other) => one - other);
  const at = (part: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
  return { p50: at(0.5), p99: at(0.99) };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
