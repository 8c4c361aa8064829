import { expect, test } from 'vitest';
import { Voices } from '../../src/captions/voices.js';
import type { FinalTranscript, InterimTranscript, Word } from '../../src/pulse/events.js';

/** `hello/0 there/0 hi/1`: words of 200 ms, 250 ms apart, with the recogniser's names of the voices. */
function words(text: string, start: number): Word[] {
  return text.split(' ').map((word, index) => {
    const [text = '', speaker = ''] = word.split('/');
    const from = start + index * 250;
    return { text, start: from, end: from + 200, ...(speaker === '' ? {} : { speaker }) };
  });
}

function transcript(text: string, start: number, repeated: readonly Word[] = []) {
  const said = words(text, start);
  const end = said.at(-1)?.end ?? start;
  return { text, start, end, words: said, repeated };
}

function interim(...said: Parameters<typeof transcript>): InterimTranscript {
  return { type: 'interim', ...transcript(...said) };
}

function final(...said: Parameters<typeof transcript>): FinalTranscript {
  return { type: 'final', continuesWord: false, endOfTurn: false, ...transcript(...said) };
}

function voices({ words }: InterimTranscript | FinalTranscript): string {
  return words.map(({ speaker }) => speaker ?? '-').join(' ');
}

test('voices are numbered by their first appearance, whatever the recogniser calls them', () => {
  const track = new Voices();
  expect(voices(track.final(final('so/7 the/7 plan/speaker_3', 0)))).toBe('1 1 2');
  expect(voices(track.final(final('is/speaker_3 to/ go/7', 1000)))).toBe('2 - 1');
  expect(voices(track.interim(interim('hm/0', 2000)))).toBe('3');
});

test('without diarization nothing changes', () => {
  const event = final('so there', 0);
  expect(new Voices().final(event)).toBe(event);
});

test('a final without words has the number of its one voice', () => {
  const event = { ...final('so', 0), words: [], speaker: '4' };
  expect(new Voices().final(event).speaker).toBe('1');
});

test('a voice that only an interim heard leaves no gap', () => {
  const track = new Voices();
  track.final(final('so/0', 0));
  expect(voices(track.interim(interim('the/1', 250)))).toBe('2');
  expect(voices(track.final(final('the/0', 250)))).toBe('1');
  expect(voices(track.final(final('plan/2', 500)))).toBe('2');
});

test('after a reconnection voices are known by what both connections have heard', () => {
  const track = new Voices();
  track.final(final('hello/0 there/0 hi/1', 0));
  track.interim(interim('you/1 and/0', 750));
  track.newConnection();
  const repeated = words('hi/0', 500);
  expect(voices(track.interim(interim('you/0', 760, repeated)))).toBe('2');
  expect(voices(track.final(final('you/0 and/1 me/2', 760, repeated)))).toBe('2 1 3');
});

test('also over a connection that said nothing', () => {
  const track = new Voices();
  track.final(final('hello/0 hi/1', 0));
  track.interim(interim('you/1', 500));
  track.newConnection();
  track.newConnection();
  expect(voices(track.final(final('you/0', 510)))).toBe('2');
});

test('a voice that nothing tells is a new one, unless there was only one', () => {
  const alone = new Voices();
  alone.final(final('hello/0', 0));
  alone.newConnection();
  expect(voices(alone.final(final('and/1 hi/0', 60_000)))).toBe('1 2');

  const two = new Voices();
  two.final(final('hello/0 hi/1', 0));
  two.newConnection();
  expect(voices(two.final(final('again/0', 60_000)))).toBe('3');
});

test('two names of one connection are never one voice', () => {
  const track = new Voices();
  track.interim(interim('hello/0 there/0', 0));
  track.newConnection();
  expect(voices(track.final(final('hello/0 there/1', 0)))).toBe('1 2');
});
