import { expect, test } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import { MAX_MESSAGE_BYTES } from '../../src/captions/schema.js';
import { Backlog } from '../../src/publish/backlog.js';
import { backlogPage, type BacklogPage } from '../../src/publish/backlog-pages.js';
import { CatchUp } from '../../src/publish/catch-up.js';
import type { CaptionChannel } from '../../src/publish/outputs.js';
import { sendTextStream } from '../../src/publish/text-streams.js';

const caption = (id: string, changes: Partial<Caption> = {}): Caption => ({
  id,
  rev: 3,
  final: true,
  text: `text of ${id}`,
  settled: 5,
  language: 'en',
  speaker: { identity: 'alice', name: 'Alice', label: 'Alice' },
  track: { sid: 'TR_1', source: 'microphone' },
  start: 1000,
  end: 2000,
  epoch: 0,
  words: [{ text: 'text', start: 1000, end: 1100 }],
  ...changes,
});
const numbered = (count: number): Caption[] =>
  Array.from({ length: count }, (_, index) => caption(`SG_${index}`, { start: index * 1000 }));

function backlog(limits: { maxSegments?: number; maxAgeMs?: number } = {}) {
  const clock = { now: 0 };
  const kept = new Backlog({ ...limits, now: () => clock.now });
  return { kept, clock, ids: () => kept.captions.map(({ id }) => id) };
}

test('the backlog has finals with text, once each, in the order in which they were said', () => {
  const { kept, ids } = backlog();
  kept.add(caption('late', { start: 5000 }));
  kept.add(caption('early', { start: 1000 }));
  kept.add(caption('open', { final: false }));
  kept.add(caption('withdrawn', { text: '' }));
  kept.add(caption('late', { start: 5000 }));
  expect(ids()).toEqual(['early', 'late']);
});

test('the backlog is bounded in number and in time', () => {
  const { kept, clock, ids } = backlog({ maxSegments: 3, maxAgeMs: 1000 });
  for (const one of numbered(5)) kept.add(one);
  expect(ids()).toEqual(['SG_2', 'SG_3', 'SG_4']);
  clock.now = 1500;
  kept.add(caption('new', { start: 9000 }));
  expect(ids()).toEqual(['new']);
  clock.now = 3000;
  expect(ids()).toEqual([]);
});

test('what others said before comes first, as old as it is, and nothing comes twice', () => {
  const { kept, clock, ids } = backlog({ maxSegments: 3, maxAgeMs: 10_000 });
  kept.add(caption('ours', { start: 20_000 }));
  const theirs = ['too old', 'older', 'old'].map((id, index) =>
    caption(id, { start: index * 6000, end: index * 6000 + 5000 }),
  );
  kept.inherit([...theirs, caption('ours', { start: 20_000, text: 'Otherwise.' })], 20_000);
  expect(ids()).toEqual(['older', 'old', 'ours']);
  expect(kept.captions.at(-1)?.text).not.toBe('Otherwise.');
  clock.now = 5000;
  expect(ids()).toEqual(['old', 'ours']);
});

const page = (payload: string, captions: readonly Caption[]) =>
  JSON.parse(backlogPage(payload, captions)) as BacklogPage;

test('pages go back from the newest, and leave nothing out', () => {
  const long = numbered(100).map((one) => ({ ...one, text: 'so '.repeat(100) }));
  const found: string[] = [];
  let answer = page('', long);
  let pages = 1;
  for (; answer.more; pages += 1) {
    found.unshift(...answer.captions.map(({ id }) => id));
    const before = answer.captions[0]?.id;
    const text = backlogPage(JSON.stringify({ before }), long);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    answer = JSON.parse(text) as BacklogPage;
  }
  found.unshift(...answer.captions.map(({ id }) => id));
  expect(found).toEqual(long.map(({ id }) => id));
  expect(pages).toBeGreaterThan(2);
});

test.each([
  ['', 3, false],
  ['{}', 3, false],
  ['{"limit":2}', 2, true],
  ['{"limit":1000,"other":1}', 3, false],
  ['{"before":"SG_2"}', 2, false],
  ['{"before":"SG_2","limit":1}', 1, true],
  ['{"before":"SG_0"}', 0, false],
  ['{"before":"SG_forgotten"}', 0, false],
])('a request %s is answered with %i captions', (payload, count, more) => {
  const answer = page(payload, numbered(3));
  expect(answer).toMatchObject({ v: 1, more });
  expect(answer.captions).toHaveLength(count);
  expect(answer.captions.every((one) => one.words === undefined)).toBe(true);
});

test.each([
  ['limit'],
  ['[]'],
  ['7'],
  ['null'],
  ['{"limit":0}'],
  ['{"limit":1.5}'],
  ['{"limit":"all"}'],
  ['{"before":5}'],
  ['{"before":""}'],
  [JSON.stringify({ before: 'x'.repeat(10_000) })],
])('a request %.20s is refused', (payload) => {
  expect(() => backlogPage(payload, numbered(3))).toThrow(
    expect.objectContaining({ code: 'bad_request' }) as Error,
  );
});

test('one caption that is too long for an answer is cut, and the next page goes on', () => {
  const captions = [caption('short', { start: 0 }), caption('long', { text: 'é'.repeat(20_000) })];
  const text = backlogPage('', captions);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(15 * 1024);
  expect(JSON.parse(text)).toMatchObject({ captions: [{ id: 'long' }], more: true });
  expect(page('{"before":"long"}', captions).captions).toMatchObject([{ id: 'short' }]);
});

/** A channel of which the test decides when a stream may go. */
function slowChannel() {
  const sent: { id: string; to: readonly string[] | undefined; text: string }[] = [];
  const gates: (() => void)[] = [];
  const channel: CaptionChannel = {
    publishData: () => Promise.resolve(),
    publishTranscription: () => Promise.resolve(),
    streamText: ({ attributes, destinationIdentities }) => {
      let text = '';
      return Promise.resolve({
        write: (chunk) => Promise.resolve(void (text += chunk)),
        close: async () => {
          await new Promise<void>((resolve) => gates.push(resolve));
          sent.push({ id: attributes['lk.segment_id'] ?? '', to: destinationIdentities, text });
        },
      });
    },
  };
  const others = ['alice', 'bob', 'late'];
  const catchUp = new CatchUp({ channel, send: sendTextStream, others: () => others });
  /** Lets what is under way go, as long as there is something. */
  const flow = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) {
      gates.shift()?.();
      await Promise.resolve();
    }
  };
  return { sent, gates, others, catchUp, flow };
}

test('who catches up gets the backlog, then what came meanwhile, and the others wait for nothing', async () => {
  const { sent, gates, catchUp, flow } = slowChannel();
  const done = catchUp.bring('late', numbered(2));
  await expect.poll(() => gates.length).toBe(1);
  const news = caption('new', { final: false, text: 'so' });
  void sendTextStream(catchUp.channel, news);
  void sendTextStream(catchUp.channel, { ...news, text: 'so the', rev: 4 });
  await flow();
  await done;
  void sendTextStream(catchUp.channel, { ...news, text: 'so the plan', rev: 5 });
  await flow();
  const to = (identity: string) =>
    sent
      .filter((one) => one.to === undefined || one.to.includes(identity))
      .map(({ id, text }) => `${id}: ${text}`);
  expect(to('alice')).toEqual(['new: so', 'new: so the', 'new: so the plan']);
  expect(to('late')).toEqual([
    'SG_0: text of SG_0',
    'SG_1: text of SG_1',
    'new: so the',
    'new: so the plan',
  ]);
});

test('a stream that began while somebody caught up, and ends after it, reaches them, too', async () => {
  const { sent, catchUp, flow } = slowChannel();
  const done = catchUp.bring('late', numbered(1));
  const writer = await catchUp.channel.streamText({
    topic: 'lk.transcription',
    senderIdentity: 'alice',
    attributes: { 'lk.segment_id': 'new' },
  });
  await flow();
  await done;
  await writer.write('late final');
  void writer.close();
  await flow();
  expect(sent.filter(({ id }) => id === 'new')).toEqual([
    { id: 'new', to: ['alice', 'bob'], text: 'late final' },
    { id: 'new', to: ['late'], text: 'late final' },
  ]);
});

test('nothing is sent to everybody for somebody who is alone, and to nobody who has left', async () => {
  const { sent, others, catchUp, flow } = slowChannel();
  others.splice(0, 2);
  const done = catchUp.bring('late', numbered(3));
  void sendTextStream(catchUp.channel, caption('new'));
  await Promise.resolve();
  others.pop();
  catchUp.left('late');
  await flow();
  await done;
  expect(sent.map(({ id, to }) => [id, to])).toEqual([['SG_0', ['late']]]);
});
