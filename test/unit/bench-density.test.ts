import { expect, test } from 'vitest';
import { barsOf } from '../../src/devkit/bench/density/bars.js';
import { parseDensityOptions } from '../../src/devkit/bench/density/options.js';
import { follow } from '../../src/devkit/bench/density/outcome.js';
import { parseStat } from '../../src/devkit/bench/density/process-tree.js';
import {
  MOST_SPEAKERS,
  phrasesIn,
  scriptsFor,
  speakerOf,
} from '../../src/devkit/bench/density/speech.js';
import type { Figures } from '../../src/devkit/bench/density/scenario.js';
import { percentile } from '../../src/devkit/bench/percentile.js';

test('nobody says a word twice, and two words in a row tell who speaks', () => {
  for (const scene of [
    { rooms: 20, speakers: 1 },
    { rooms: 1, speakers: 12 },
    { rooms: MOST_SPEAKERS, speakers: 1 },
  ]) {
    const scripts = scriptsFor(scene, phrasesIn(180));
    expect(new Set(scripts.map(({ person }) => person.room)).size).toBe(scene.rooms);
    for (const [number, { words }] of scripts.entries()) {
      expect(new Set(words).size).toBe(words.length);
      expect(speakerOf(words.slice(7, 9))).toBe(number);
    }
  }
});

test('a longer script begins as a shorter one does', () => {
  const scene = { rooms: 3, speakers: 1 };
  const [short] = scriptsFor(scene, 2);
  const [long] = scriptsFor(scene, 5);
  expect(long?.words.slice(0, 20)).toEqual(short?.words);
  expect(phrasesIn(0.1)).toBe(1);
  expect(phrasesIn(10_000) * 10).toBeLessThanOrEqual(441);
});

/** Two people in two rooms, answered and shown word for word, 5 ms late. */
function perfect() {
  const scripts = scriptsFor({ rooms: 2, speakers: 1 }, 1);
  const answers = scripts.map(({ words }) => words.map((word, at) => ({ word, at: at * 300 })));
  const shown = scripts.flatMap(({ person: { identity }, words }) => [
    ...words.map((_, last) => ({
      identity,
      segment: identity,
      final: false,
      text: words.slice(0, last + 1).join(' '),
      at: last * 300 + 5,
    })),
    { identity, segment: identity, final: true, text: `${words.join(' ')}.`, at: 3000 },
  ]);
  return { scripts, answers, shown };
}

test('every word that arrives is followed from its answer to its first caption', () => {
  const { scripts, answers, shown } = perfect();
  const outcome = follow(scripts, answers, shown);
  expect(outcome).toMatchObject({ words: 20, unheard: 0, lost: 0, doubled: 0, foreign: 0 });
  expect(outcome.overhead).toEqual(Array<number>(20).fill(5));
  expect(follow(scripts, answers, shown, 8).overhead).toHaveLength(4);
});

test('a stream that is opened again goes on with the same speaker', () => {
  const { scripts, answers, shown } = perfect();
  const [first = [], second = []] = answers;
  const parted = [second, first.slice(0, 4), first.slice(4)];
  expect(follow(scripts, parted, shown).overhead).toHaveLength(20);
});

test('what is lost before and after the recogniser, doubled and made up is told apart', () => {
  const { scripts, answers, shown } = perfect();
  const [script] = scripts;
  if (!script) throw new Error('no script');
  const { identity } = script.person;
  const [unheard, lost, doubled, ...rest] = script.words;
  const broken = [
    ...shown.filter((caption) => !(caption.final && caption.identity === identity)),
    { identity, segment: 'a', final: true, text: `${doubled} ${rest.join(' ')}`, at: 3000 },
    { identity, segment: 'b', final: true, text: `${doubled} nonsense`, at: 3100 },
    // The same segment once more is no second caption.
    { identity, segment: 'b', final: true, text: `${doubled} nonsense`, at: 3200 },
  ];
  const heard = answers.map((stream) => stream.filter(({ word }) => word !== unheard));
  expect(lost).toBeDefined();
  expect(follow(scripts, heard, broken)).toMatchObject({
    words: 20,
    unheard: 1,
    lost: 1,
    doubled: 1,
    foreign: 1,
  });
});

test('the fields of /proc/<pid>/stat are found after any name', () => {
  const stat = '42 (a ) b) S 7 42 42 0 -1 4194560 1 2 3 4 50 6 700 8 20 0 1 0 100 200 300';
  expect(parseStat(stat)).toEqual({ parent: 7, ticks: 50 + 6 + 700 + 8 });
  expect(parseStat('')).toBeUndefined();
});

test('percentiles are values that occurred', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 100, 198, 200]);
  expect(percentile([], 0.5)).toBeNaN();
});

test('the options are understood or refused', () => {
  expect(parseDensityOptions(['--rooms', '2', '--speakers', '3', '--seconds', '10'])).toEqual({
    scenes: [
      { rooms: 2, speakers: 1 },
      { rooms: 1, speakers: 3 },
    ],
    seconds: 10,
    python: false,
    own: true,
    worker: undefined,
  });
  expect(parseDensityOptions(['--only-python', '--speakers', '0'])).toMatchObject({
    python: true,
    own: false,
  });
  expect(parseDensityOptions(['--silent', '20'])).toMatchObject({ silent: 20 });
  expect(parseDensityOptions(['--help'])).toBe('help');
  for (const wrong of [['--rooms', '0'], ['--seconds', '9999'], ['--what']]) {
    expect(() => parseDensityOptions(wrong)).toThrow();
  }
});

function figures(rooms: number, speakers: number, change: Partial<Figures> = {}): Figures {
  const memory = (mb: number) => ({ pssMb: mb, aloneMb: mb, processes: 2 });
  return {
    rooms,
    speakers,
    tracks: rooms * speakers,
    idle: memory(120),
    busy: memory(150 + 6 * rooms),
    cpuPerTrack: rooms * speakers === 1 ? 0.05 : 0.02,
    overheadP50Ms: 3,
    overheadP99Ms: 9,
    overheads: 100,
    words: 100,
    unheard: 0,
    lost: 0,
    doubled: 0,
    foreign: 0,
    ...change,
  };
}

test('the bars say what was measured, and whether it holds', () => {
  const good = barsOf([figures(1, 1), figures(20, 1), figures(1, 12)]);
  expect(good.map(({ holds }) => holds)).toEqual(Array(7).fill(true));
  expect(good.find(({ bar }) => bar.startsWith('a room'))?.measured).toBe(6);

  const bad = barsOf([figures(1, 1, { overheadP99Ms: Number.NaN }), figures(20, 1, { lost: 1 })]);
  expect(bad.find(({ bar }) => bar.endsWith('p99, ms'))?.holds).toBe(false);
  expect(bad.find(({ bar }) => bar === 'words lost')).toMatchObject({ measured: 1, holds: false });
  expect(barsOf([figures(1, 12)]).map(({ holds }) => holds)).toContain(undefined);
});
