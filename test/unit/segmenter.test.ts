import { expect, test } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import { Segmenter, type SegmenterOptions } from '../../src/captions/segmenter.js';
import { describeSpeaker } from '../../src/captions/speaker.js';
import type { FinalTranscript, InterimTranscript, Word } from '../../src/pulse/events.js';

function segmenter(options: Partial<SegmenterOptions> = {}): Segmenter {
  let ids = 0;
  return new Segmenter({
    track: { sid: 'TR_1', source: 'microphone' },
    speaker: (voice) =>
      describeSpeaker({ identity: 'alice', name: 'Alice', source: 'microphone', voice }),
    epoch: 1_700_000_000_000,
    newId: () => `S${(ids += 1)}`,
    defaultLanguage: 'en',
    ...options,
  });
}

function interim(text: string, start = 0, end = start + 500): InterimTranscript {
  return { type: 'interim', text, start, end, words: [] };
}

function final(text: string, rest: Partial<FinalTranscript> = {}): FinalTranscript {
  return {
    type: 'final',
    text,
    start: 0,
    end: 1000,
    words: [],
    continuesWord: false,
    endOfTurn: false,
    ...rest,
  };
}

/** Words of 200 ms, 50 ms apart. */
function spoken(text: string, start = 0, rest: Partial<FinalTranscript> = {}): FinalTranscript {
  const words: Word[] = text.split(' ').map((word, index) => ({
    text: word,
    start: start + index * 250,
    end: start + index * 250 + 200,
  }));
  return final(text, { start, end: words.at(-1)?.end ?? start, words, ...rest });
}

function brief({ id, rev, final, text, settled }: Caption): string {
  const marked = `${text.slice(0, settled)}|${text.slice(settled)}`;
  return `${id}.${rev}${final ? ' final' : ''} ${marked}`;
}

test('a segment grows from its first interim to the end of a sentence under one id', () => {
  const captions = segmenter();
  const states = [
    interim('so', 100),
    interim('so the', 100),
    final('so the plan', { start: 100, end: 900 }),
    interim('is to', 950),
    final('is to go.', { start: 950, end: 1500 }),
    interim('Next', 1700),
  ].flatMap((event) => captions.on(event));
  expect(states.map(brief)).toEqual([
    'S1.0 |so',
    'S1.1 |so the',
    'S1.2 so the plan|',
    'S1.3 so the plan| is to',
    'S1.4 final so the plan is to go.|',
    'S2.0 |Next',
  ]);
  expect(states[4]).toMatchObject({
    start: 100,
    end: 1500,
    language: 'en',
    epoch: 1_700_000_000_000,
  });
});

test('a final of several sentences is parted by its words', () => {
  const captions = segmenter();
  captions.on(interim('yes i think so but when', 0));
  const states = captions.on(spoken('Yes. I think so! But when'));
  expect(states.map(brief)).toEqual([
    'S1.1 final Yes.|',
    'S2.0 final I think so!|',
    'S3.0 But when|',
  ]);
  expect(states.map(({ start, end }) => [start, end])).toEqual([
    [0, 200],
    [250, 950],
    [1000, 1450],
  ]);
  expect(states.map(({ words }) => words?.map(({ text }) => text))).toEqual([
    ['Yes.'],
    ['I', 'think', 'so!'],
    undefined,
  ]);
});

test('without words, sentences share the time by their letters', () => {
  const states = segmenter().on(final('aaaa. bbbb.', { start: 1000, end: 2100 }));
  expect(states.map(({ text, start, end }) => ({ text, start, end }))).toEqual([
    { text: 'aaaa.', start: 1000, end: 1500 },
    { text: 'bbbb.', start: 1500, end: 2100 },
  ]);
});

test('words that are written otherwise in the text stay in its order', () => {
  const words = ['it', 'costs', 'twenty', 'five', 'dollars', 'really', 'yes'].map(
    (text, index) => ({
      text,
      start: index * 100,
      end: index * 100 + 90,
    }),
  );
  const states = segmenter().on(final('It costs 25 dollars. Really? Yes.', { words, end: 690 }));
  expect(states.map(({ words }) => words?.map(({ text }) => text).join(' '))).toEqual([
    'it costs twenty five dollars',
    'really',
    'yes',
  ]);
  expect(states.map(({ start }) => start)).toEqual([0, 500, 600]);
});

test.each([
  [
    'abbreviations',
    'Dr. Smith met Mr. Jones at 5 p.m. on Monday',
    ['Dr. Smith met Mr. Jones at 5 p.m. on Monday'],
  ],
  ['numbers and addresses', 'It is 3.5 at example.com today', ['It is 3.5 at example.com today']],
  ['initials', 'J. Smith of the U.S. Army', ['J. Smith of the U.S. Army']],
  ['a quote that goes on', '"Really?" she said. Yes', ['"Really?" she said.', 'Yes']],
  ['a quote at the end', 'He said "go." Then left', ['He said "go."', 'Then left']],
  ['a hesitation', 'well… maybe. And… No', ['well… maybe.', 'And…', 'No']],
  ['years', 'That was in 2020. Then it changed', ['That was in 2020.', 'Then it changed']],
  ['an answer', 'No. I will not', ['No.', 'I will not']],
  ['a numbered thing', 'See No. 5 there', ['See No. 5 there']],
  ['Chinese', '今天天气很好。我们去公园吧！好', ['今天天气很好。', '我们去公园吧！', '好']],
  ['Japanese quotes', '「行きます。」と言った。はい', ['「行きます。」', 'と言った。', 'はい']],
  ['Hindi', 'यह ठीक है। चलो', ['यह ठीक है।', 'चलो']],
  ['Arabic', 'هل أنت بخير؟ نعم', ['هل أنت بخير؟', 'نعم']],
])('sentence ends: %s', (_, text, expected) => {
  const captions = segmenter();
  const states = [...captions.on(final(text)), ...captions.end()];
  expect(states.filter(({ final }) => final).map(({ text }) => text)).toEqual(expected);
});

test('what may not be the end of a sentence waits for what follows', () => {
  const captions = segmenter();
  const first = captions.on(spoken('It rose by 3.', 0));
  const second = captions.on(spoken('5 percent.', 1000, { continuesWord: true }));
  expect([...first, ...second].map(brief)).toEqual([
    'S1.0 It rose by 3.|',
    'S1.1 final It rose by 3.5 percent.|',
  ]);
  const third = captions.on(spoken('That was 2020.', 2000));
  const fourth = captions.on(spoken('Then came', 3000));
  expect([...third, ...fourth].map(brief)).toEqual([
    'S2.0 That was 2020.|',
    'S2.1 final That was 2020.|',
    'S3.0 Then came|',
  ]);
});

test('the end of a turn ends the segment, by event or by the final itself', () => {
  const captions = segmenter();
  captions.on(final('no stop here'));
  expect(captions.on({ type: 'speech_ended', at: 1600 }).map(brief)).toEqual([
    'S1.1 final no stop here|',
  ]);
  expect(captions.on({ type: 'speech_ended', at: 1700 })).toEqual([]);
  expect(captions.on(final('nor here', { start: 1800, endOfTurn: true })).map(brief)).toEqual([
    'S2.0 final nor here|',
  ]);
});

test('a pause between words ends the segment: within a final, between finals, before an interim', () => {
  const within = segmenter();
  const words = [
    { text: 'one', start: 0, end: 200 },
    { text: 'two', start: 1001, end: 1200 },
    { text: 'three', start: 2000, end: 2200 },
  ];
  expect(within.on(final('one two three', { words })).map(brief)).toEqual([
    'S1.0 final one|',
    'S2.0 two three|',
  ]);

  const between = segmenter();
  between.on(spoken('one', 0));
  expect(between.on(spoken('two', 1001)).map(brief)).toEqual(['S1.1 final one|', 'S2.0 two|']);

  const before = segmenter();
  before.on(spoken('one', 0));
  expect(before.on(interim('two', 1000)).map(brief)).toEqual(['S1.1 one| two']);
  expect(before.on(interim('two', 1001)).map(brief)).toEqual(['S1.2 final one|', 'S2.0 |two']);

  const speech = segmenter();
  speech.on(spoken('one', 0));
  expect(speech.on({ type: 'speech_started', at: 1001 }).map(brief)).toEqual(['S1.1 final one|']);
});

test('the pause and the length can be chosen', () => {
  const captions = segmenter({ pauseMs: 100, maxLength: 10 });
  captions.on(spoken('one', 0));
  expect(captions.on(spoken('two', 301)).map(brief)).toEqual(['S1.1 final one|', 'S2.0 two|']);
  expect(captions.on(spoken('and three', 501)).map(brief)).toEqual([
    'S2.1 final two and|',
    'S3.0 three|',
  ]);
});

test('a final that continues a word is joined without a space', () => {
  const captions = segmenter();
  captions.on(final('Uh'));
  expect(captions.on(final('-huh', { continuesWord: true })).map(brief)).toEqual(['S1.1 Uh-huh|']);
  expect(captions.on(final("'s good")).map(brief)).toEqual(["S1.2 Uh-huh's good|"]);
});

test('punctuation alone belongs to the text before it, and is dropped once that is closed', () => {
  const captions = segmenter();
  captions.on(final('Hello'));
  expect(captions.on(final('.')).map(brief)).toEqual(['S1.1 final Hello.|']);
  expect(captions.on(interim('.'))).toEqual([]);
  expect(captions.on(final('.'))).toEqual([]);
  expect(captions.on(final('. And so')).map(brief)).toEqual(['S2.0 And so|']);
  expect(captions.on(interim('?'))).toEqual([]);
  expect(captions.on(final('?')).map(brief)).toEqual(['S2.1 final And so?|']);
});

test('punctuation that comes after a pause does not open a segment', () => {
  const captions = segmenter();
  captions.on(spoken('Hello', 0));
  const states = captions.on(final('.', { start: 3000, end: 3100 }));
  expect(states.map(brief)).toEqual(['S1.1 final Hello.|']);
});

test('scripts without spaces are joined without', () => {
  const captions = segmenter();
  captions.on(final('今天'));
  expect(captions.on(final('天气')).map(brief)).toEqual(['S1.1 今天天气|']);
  expect(captions.on(interim('很好')).map(brief)).toEqual(['S1.2 今天天气|很好']);
});

test('an interim that is withdrawn takes its text away, and an empty segment with it', () => {
  const captions = segmenter();
  captions.on(interim('hm'));
  expect(captions.on(interim('')).map(brief)).toEqual(['S1.1 final |']);
  expect(captions.on(interim(''))).toEqual([]);
  captions.on(interim('uh'));
  expect(captions.on(final('')).map(brief)).toEqual(['S2.1 final |']);
  captions.on(final('so'));
  captions.on(interim('what'));
  expect(captions.on(interim('')).map(brief)).toEqual(['S3.2 so|']);
});

test('the same state is not shown twice, also when only its times differ', () => {
  const captions = segmenter();
  expect(captions.on(interim('so', 0, 100))).toHaveLength(1);
  expect(captions.on(interim(' so ', 0, 300))).toEqual([]);
  expect(captions.on(interim('so what', 0, 400)).map(brief)).toEqual(['S1.1 |so what']);
});

test('an interim that never gets its final is kept at the end', () => {
  const captions = segmenter();
  captions.on(final('we had'));
  captions.on(interim('to leave. At'));
  expect(captions.end().map(brief)).toEqual(['S1.2 final we had to leave.|', 'S2.1 final At|']);
  expect(captions.end()).toEqual([]);
});

test('an interim whose turn ended waits: for the same words again, for other words, or for the end', () => {
  const again = segmenter();
  again.on(interim('hello wor', 0, 800));
  expect(again.on({ type: 'speech_ended', at: 900 })).toEqual([]);
  expect(again.on(final('hello world', { start: 10, end: 850 })).map(brief)).toEqual([
    'S1.1 final hello world|',
  ]);

  const other = segmenter();
  other.on(interim('hello', 0, 800));
  other.on({ type: 'speech_ended', at: 900 });
  expect(other.on(interim('bye', 5000)).map(brief)).toEqual(['S1.1 final hello|', 'S2.0 |bye']);

  const end = segmenter();
  end.on(interim('hello', 0, 800));
  end.on({ type: 'speech_ended', at: 900 });
  expect(end.end().map(brief)).toEqual(['S1.1 final hello|']);
});

test('a long monologue is cut at a clause, else at a word, and nothing gets lost', () => {
  const clause = `${'word '.repeat(28)}well, then ${'more '.repeat(20)}`.trim();
  const cut = segmenter().on(spoken(clause));
  expect(cut.map(({ final, text }) => [final, text])).toEqual([
    [true, `${'word '.repeat(28)}well,`],
    [false, `then ${'more '.repeat(20)}`.trim()],
  ]);

  const captions = segmenter();
  const finals = Array.from({ length: 60 }, (_, index) => spoken('three more words', index * 750));
  const states = finals.flatMap((event) => captions.on(event));
  const closed = [...states, ...captions.end()].filter(({ final }) => final);
  expect(closed.length).toBeGreaterThan(4);
  for (const { text } of closed) expect(text.length).toBeLessThanOrEqual(168);
  expect(closed.map(({ text }) => text).join(' ')).toBe('three more words '.repeat(60).trim());
});

test('a monologue that comes in pieces takes the next clause once it is long', () => {
  const captions = segmenter();
  const pieces = [...Array.from({ length: 9 }, () => 'some fifteen ch'), 'and so on,', 'until now'];
  const states = pieces.flatMap((text, index) => captions.on(spoken(text, index * 800)));
  expect(states.filter(({ final }) => final).map(({ text }) => text)).toEqual([
    `${'some fifteen ch '.repeat(9)}and so on,`,
  ]);
});

test('one endless word is torn between characters, in the end', () => {
  const states = segmenter().on(final('👩‍👩‍👧'.repeat(400)));
  expect(states.map(({ text }) => text).join('')).toBe('👩‍👩‍👧'.repeat(400));
  expect(states.length).toBeGreaterThan(1);
  for (const { text } of states) expect(text.replaceAll('👩‍👩‍👧', '')).toBe('');
});

test('Chinese without stops is cut between words, at the width of two lines twice over', () => {
  const captions = segmenter();
  const states = [...captions.on(final('今天天气很好我们去公园'.repeat(20))), ...captions.end()];
  const finals = states.filter(({ final }) => final);
  expect(finals.map(({ text }) => text).join('')).toBe('今天天气很好我们去公园'.repeat(20));
  for (const { text } of finals) {
    expect(text.length).toBeLessThanOrEqual(64);
    expect(text).toMatch(/^(今天|天气|很|好|我们|去|公园).*(今天|天气|很|好|我们|去|公园)$/);
  }
});

test('voices at one microphone have segments of their own', () => {
  const words = [
    { text: 'hello', start: 0, end: 200, speaker: '1' },
    { text: 'there', start: 250, end: 400, speaker: '1' },
    { text: 'hi', start: 450, end: 600, speaker: '2' },
  ];
  const states = segmenter().on(final('hello there hi', { words }));
  expect(states.map(({ text, speaker }) => [text, speaker.label])).toEqual([
    ['hello there', 'Alice (speaker 1)'],
    ['hi', 'Alice (speaker 2)'],
  ]);
});

test('unsettled text that goes over the end of a sentence is shown in the next segment, and stays there', () => {
  const captions = segmenter();
  const states = [
    interim('Yes.', 0),
    interim('Yes. I think', 0, 1000),
    spoken('Yes.', 0),
    interim('I think so. But', 300, 1500),
    spoken('I think so.', 300),
    spoken('But when', 1100),
  ].flatMap((event) => captions.on(event));
  expect(states.map(brief)).toEqual([
    'S1.0 |Yes',
    'S1.1 |Yes.',
    'S2.0 |I think',
    'S1.2 final Yes.|',
    'S2.1 |I think so.',
    'S3.0 |But',
    'S2.2 final I think so.|',
    'S3.1 But when|',
  ]);
});

test('a segment that unsettled text began is taken away when that text is heard otherwise', () => {
  const captions = segmenter();
  captions.on(interim('Yes. I think', 0, 1000));
  expect(captions.on(spoken('Yes I think so.')).map(brief)).toEqual([
    'S1.1 final Yes I think so.|',
    'S2.1 final |',
  ]);
});

test('what a final does not speak for stays until the next reading, and goes with the turn', () => {
  const captions = segmenter();
  captions.on(interim('the plan is here', 0, 1500));
  expect(captions.on(spoken('the plan', 0)).map(brief)).toEqual(['S1.1 the plan| is here']);
  expect(captions.on(interim('is her', 750, 1400))).toEqual([]);
  expect(captions.on(interim('is her', 750, 1400)).map(brief)).toEqual(['S1.2 the plan| is her']);
  captions.on(spoken('is', 750));
  expect(captions.on({ type: 'speech_ended', at: 2000 }).map(brief)).toEqual([
    'S1.4 final the plan is|',
  ]);
});

test('what was kept from before a pause does not stand in the way of what comes after it', () => {
  const captions = segmenter();
  captions.on(interim('so there uh', 0, 900));
  captions.on(spoken('so there', 0));
  expect(captions.on(interim('next', 5000)).map(brief)).toEqual([
    'S1.2 final so there|',
    'S2.0 |next',
  ]);
});

test('voices in unsettled text have segments of their own as soon as they are heard', () => {
  const words = ['hello', 'there', 'hi'].map((text, index) => ({
    text,
    start: index * 250,
    end: index * 250 + 200,
    speaker: index < 2 ? '1' : '2',
  }));
  const states = segmenter().on({ ...interim('hello there hi', 0, 700), words });
  expect(states.map(({ text, speaker }) => [text, speaker.label])).toEqual([
    ['hello there', 'Alice (speaker 1)'],
    ['hi', 'Alice (speaker 2)'],
  ]);
});

test('voices keep their numbers when a new connection names them anew', () => {
  const captions = segmenter();
  const said = (text: string, start: number, speaker: string) =>
    text.split(' ').map((word, index) => ({
      text: word,
      start: start + index * 250,
      end: start + index * 250 + 200,
      speaker,
    }));
  const first = [...said('hello', 0, '0'), ...said('hi there', 250, '1')];
  const states = [
    ...captions.on(final('Hello. Hi there', { words: first, end: 700 })),
    ...captions.on({ type: 'connection', state: 'waiting' }),
    ...captions.on({ type: 'connection', state: 'connecting' }),
    ...captions.on(
      final('friend.', {
        start: 750,
        end: 950,
        words: said('friend', 750, '0'),
        repeated: said('there', 500, '0'),
      }),
    ),
  ];
  expect(states.map(({ text, speaker }) => [text, speaker.label])).toEqual([
    ['Hello.', 'Alice (speaker 1)'],
    ['Hi there', 'Alice (speaker 2)'],
    ['Hi there friend.', 'Alice (speaker 2)'],
  ]);
});

test('a change of name shows at once where it is asked for', () => {
  let name = 'Alice';
  const captions = segmenter({
    speaker: () => describeSpeaker({ identity: 'alice', name, source: 'microphone' }),
  });
  expect(captions.refresh()).toEqual([]);
  captions.on(interim('Yes. I think', 0, 1000));
  expect(captions.refresh()).toEqual([]);
  name = 'Alice Ng';
  expect(captions.refresh().map(({ id, rev, speaker }) => [id, rev, speaker.label])).toEqual([
    ['S1', 1, 'Alice Ng'],
    ['S2', 1, 'Alice Ng'],
  ]);
});

test('a change of name shows with the next state', () => {
  let name = 'Alice';
  const captions = segmenter({
    speaker: () => describeSpeaker({ identity: 'alice', name, source: 'microphone' }),
  });
  captions.on(interim('so'));
  name = 'Alice Ng';
  const states = captions.on(interim('so'));
  expect(states.map(({ rev, speaker }) => [rev, speaker.label])).toEqual([[1, 'Alice Ng']]);
});

test('the language is that of the text, else the one heard last, else the default', () => {
  const captions = segmenter({ defaultLanguage: 'multi' });
  const states = [
    interim('hm'),
    final('bonjour.', { language: 'fr' }),
    interim('oui'),
    interim('oui oui'),
    { ...interim('oui oui yes'), language: 'en' },
  ].flatMap((event) => captions.on(event));
  expect(states.map(({ language }) => language)).toEqual(['multi', 'fr', 'fr', 'fr', 'en']);
});

test('times are whole milliseconds, and the beginning never moves later', () => {
  const captions = segmenter();
  captions.on(interim('hello', 100.4, 500.6));
  const words = [{ text: 'hello.', start: 180.3, end: 420.7, confidence: 0.9 }];
  const [state] = captions.on(final('hello.', { start: 180.3, end: 420.7, words }));
  expect(state).toMatchObject({
    start: 100,
    end: 421,
    words: [{ text: 'hello.', start: 180, end: 421, confidence: 0.9 }],
  });
});

test('events that say nothing about text change nothing', () => {
  const captions = segmenter();
  captions.on(interim('so'));
  expect(captions.on({ type: 'gap', start: 0, end: 5000 })).toEqual([]);
  expect(captions.on({ type: 'connection', state: 'waiting' })).toEqual([]);
  expect(captions.on({ type: 'usage', audioMs: 1000 })).toEqual([]);
  expect(captions.on({ type: 'speech_started', at: 9000 })).toEqual([]);
});
