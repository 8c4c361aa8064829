import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { decodeMessage } from '../../src/captions/schema.js';
import { VirtualClock } from '../../src/devkit/virtual-clock.js';
import { systemClock } from '../../src/publish/clock.js';
import type { PublishError } from '../../src/publish/errors.js';
import type { CaptionChannel, CaptionOutput } from '../../src/publish/outputs.js';
import { Publisher, type PublisherOptions } from '../../src/publish/publisher.js';
import { caption } from '../support/caption.js';

interface Sent {
  readonly output: CaptionOutput;
  readonly text: string;
  readonly final: boolean;
}

type Gate = (output: CaptionOutput, text: string) => Promise<void> | undefined;

/** Records what was sent, once the gate lets it through; a gate that rejects is a send that fails. */
class FakeChannel implements CaptionChannel {
  readonly sent: Sent[] = [];
  readonly streams: Parameters<CaptionChannel['streamText']>[0][] = [];
  readonly transcriptions: Parameters<CaptionChannel['publishTranscription']>[0][] = [];
  readonly data: Parameters<CaptionChannel['publishData']>[] = [];
  closedStreams = 0;

  constructor(private readonly gate: Gate = () => undefined) {}

  async streamText(options: Parameters<CaptionChannel['streamText']>[0]) {
    await Promise.resolve();
    let text = '';
    return {
      write: async (chunk: string) => {
        await this.gate('streams', chunk);
        text += chunk;
      },
      close: () => {
        this.closedStreams += 1;
        this.streams.push(options);
        const final = options.attributes['lk.transcription_final'] === 'true';
        this.sent.push({ output: 'streams', text, final });
        return Promise.resolve();
      },
    };
  }

  async publishTranscription(transcription: Parameters<CaptionChannel['publishTranscription']>[0]) {
    const [segment] = transcription.segments;
    await this.gate('segments', segment?.text ?? '');
    this.transcriptions.push(transcription);
    this.sent.push({
      output: 'segments',
      text: segment?.text ?? '',
      final: segment?.final ?? false,
    });
  }

  async publishData(...args: Parameters<CaptionChannel['publishData']>) {
    const message = decodeMessage(args[0]);
    await this.gate('data', message?.text ?? '');
    this.data.push(args);
    this.sent.push({ output: 'data', text: message?.text ?? '', final: message?.final ?? false });
  }

  texts(output: CaptionOutput): string[] {
    return this.sent.filter((one) => one.output === output).map(({ text }) => text);
  }
}

function setUp(channel: CaptionChannel, rest: Partial<PublisherOptions> = {}) {
  const errors: PublishError[] = [];
  const publisher = new Publisher({
    channel,
    outputs: ['data'],
    onError: (error) => errors.push(error),
    retryDelaysMs: [0, 0],
    ...rest,
  });
  return { publisher, errors };
}

function gate() {
  let open = (): void => undefined;
  let fail = (): void => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = () => reject(new Error('no way out'));
  });
  return { promise, open: () => open(), fail: () => fail() };
}

test('each output carries what its readers need', async () => {
  const channel = new FakeChannel();
  const { publisher } = setUp(channel, { outputs: ['streams', 'segments', 'data'] });
  const words = [{ text: 'so', start: 1200, end: 1300, confidence: 0.9 }];
  publisher.publish(caption({ final: true, rev: 3, words }));
  await publisher.close();
  expect(channel.streams).toEqual([
    {
      topic: 'lk.transcription',
      senderIdentity: 'alice',
      attributes: {
        'lk.segment_id': 'SG_1',
        'lk.transcribed_track_id': 'TR_1',
        'lk.transcription_final': 'true',
        'captions.language': 'en',
        'captions.speaker': 'Alice (screen)',
        'captions.start': '1200',
        'captions.end': '1900',
        'captions.rev': '3',
      },
    },
  ]);
  expect(channel.closedStreams).toBe(1);
  expect(channel.transcriptions).toEqual([
    {
      participantIdentity: 'alice',
      trackSid: 'TR_1',
      segments: [
        {
          id: 'SG_1',
          text: 'so the plan',
          language: 'en',
          final: true,
          startTime: 1200n,
          endTime: 1900n,
        },
      ],
    },
  ]);
  const [[bytes, options] = []] = channel.data;
  expect(options).toEqual({ reliable: true, topic: 'captions' });
  expect(decodeMessage(bytes ?? '')).toMatchObject({
    id: 'SG_1',
    rev: 3,
    epoch: 1_700_000_000_000,
    words,
  });
});

test.each<[CaptionOutput[]]>([[[]], [['streams']], [['segments', 'data']], [['data', 'data']]])(
  'only the outputs %j are used, each once',
  async (outputs) => {
    const channel = new FakeChannel();
    const { publisher } = setUp(channel, { outputs });
    publisher.publish(caption());
    expect(await publisher.drain()).toBe(true);
    expect(channel.sent.map(({ output }) => output).sort()).toEqual([...new Set(outputs)].sort());
  },
);

test('a caption that is taken away is sent without text', async () => {
  const channel = new FakeChannel();
  const { publisher } = setUp(channel, { outputs: ['streams', 'segments', 'data'] });
  publisher.publish(caption({ text: '', final: true }));
  await publisher.drain();
  expect(channel.sent.map(({ text, final }) => [text, final])).toEqual([
    ['', true],
    ['', true],
    ['', true],
  ]);
});

test('while one is under way the newest interim wins, and a segment stays in order', async () => {
  const first = gate();
  const channel = new FakeChannel((_, text) => (text === 'a' ? first.promise : undefined));
  const { publisher } = setUp(channel);
  publisher.publish(caption({ text: 'a' }));
  await Promise.resolve();
  await Promise.resolve();
  publisher.publish(caption({ text: 'a b', rev: 1 }));
  publisher.publish(caption({ text: 'a b c', rev: 2 }));
  publisher.publish(caption({ text: 'A b c.', rev: 3, final: true }));
  publisher.publish(caption({ id: 'SG_2', text: 'next' }));
  publisher.publish(caption({ id: 'SG_2', text: 'next one', rev: 1 }));
  first.open();
  await publisher.drain();
  expect(channel.texts('data')).toEqual(['a', 'A b c.', 'next one']);
});

test.each([
  ['usual', undefined, 5],
  ['one that is longer already', 1000, 1],
])(
  'interims that are to be fewer keep half a second apart, finals do not wait: %s interval',
  async (_, intervalMs, most) => {
    const clock = new VirtualClock();
    const channel = new FakeChannel();
    const { publisher } = setUp(channel, { clock, ...(intervalMs && { intervalMs }) });
    const sentIn = async (id: string) => {
      const before = channel.sent.length;
      for (let rev = 0; rev < 18; rev += 1) {
        publisher.publish(caption({ id, rev, text: `${id} ${rev}` }));
        clock.pass(25);
        await setImmediate();
      }
      publisher.publish(caption({ id, rev: 20, text: `${id}.`, final: true }));
      await publisher.drain();
      expect(channel.sent.at(-1)).toMatchObject({ text: `${id}.`, final: true });
      return channel.sent.length - before - 1;
    };
    publisher.fewerInterims = true;
    expect(await sentIn('few')).toBe(1);
    publisher.fewerInterims = false;
    expect(await sentIn('many')).toBe(most);
  },
);

test('it is known how long the oldest caption waits for LiveKit, whatever takes its place', async () => {
  const clock = new VirtualClock();
  const stuck = gate();
  const channel = new FakeChannel(() => stuck.promise);
  const { publisher } = setUp(channel, { clock, outputs: ['streams', 'data'] });
  expect(publisher.waitMs).toBe(0);
  publisher.publish(caption({ text: 'a' }));
  clock.pass(400);
  publisher.publish(caption({ text: 'a b', rev: 1 }));
  publisher.publish(caption({ text: 'A b.', rev: 2, final: true }));
  expect(publisher.waitMs).toBe(400);
  clock.pass(600);
  expect(publisher.waitMs).toBe(1000);
  stuck.open();
  await publisher.drain();
  expect(publisher.waitMs).toBe(0);
});

test('tracks do not wait for one another', async () => {
  const stuck = gate();
  const channel = new FakeChannel((_, text) => (text === 'alice' ? stuck.promise : undefined));
  const { publisher } = setUp(channel);
  publisher.publish(caption({ text: 'alice' }));
  publisher.publish(
    caption({ text: 'bob', id: 'SG_2', track: { sid: 'TR_2', source: 'microphone' } }),
  );
  expect(await publisher.drain(50)).toBe(false);
  expect(channel.texts('data')).toEqual(['bob']);
  stuck.open();
  expect(await publisher.drain()).toBe(true);
  expect(channel.texts('data')).toEqual(['bob', 'alice']);
});

test('outputs do not wait for one another', async () => {
  const stuck = gate();
  const channel = new FakeChannel((output) => (output === 'streams' ? stuck.promise : undefined));
  const { publisher } = setUp(channel, { outputs: ['streams', 'segments', 'data'] });
  for (let rev = 0; rev < 3; rev += 1) {
    publisher.publish(caption({ id: `SG_${rev}`, text: `${rev}`, final: true }));
  }
  await publisher.drain(50);
  expect(channel.texts('segments')).toEqual(['0', '1', '2']);
  expect(channel.texts('data')).toEqual(['0', '1', '2']);
  expect(channel.texts('streams')).toEqual([]);
  stuck.open();
  await publisher.drain();
  expect(channel.texts('streams')).toEqual(['0', '1', '2']);
});

test('after an interim that failed, its final is sent', async () => {
  const channel = new FakeChannel((_, text) =>
    text === 'a' ? Promise.reject(new Error('no')) : undefined,
  );
  const { publisher, errors } = setUp(channel);
  publisher.publish(caption({ text: 'a' }));
  await publisher.drain();
  publisher.publish(caption({ text: 'A.', rev: 1, final: true }));
  await publisher.drain();
  expect(channel.texts('data')).toEqual(['A.']);
  expect(errors.map(({ code }) => code)).toEqual(['send_failed']);
});

test('a final that failed is tried again, before what follows it', async () => {
  let failures = 2;
  const channel = new FakeChannel(() => {
    failures -= 1;
    return failures >= 0 ? Promise.reject(new Error('no')) : undefined;
  });
  const { publisher, errors } = setUp(channel);
  publisher.publish(caption({ text: 'A.', final: true }));
  publisher.publish(caption({ id: 'SG_2', text: 'B.', final: true }));
  expect(await publisher.drain()).toBe(true);
  expect(channel.texts('data')).toEqual(['A.', 'B.']);
  expect(errors.map(({ code }) => code)).toEqual(['send_failed']);
});

test('failures are told once a minute, with their number and without what was said', async () => {
  let now = 0;
  const channel = new FakeChannel(() => Promise.reject(new Error('data channel closed')));
  const { publisher, errors } = setUp(channel, {
    retryDelaysMs: [],
    clock: { ...systemClock, now: () => now },
  });
  for (let rev = 0; rev < 5; rev += 1)
    publisher.publish(caption({ id: `SG_${rev}`, text: 'secret' }));
  await publisher.drain();
  expect(errors.map(({ code, count, output }) => [code, count, output])).toEqual([
    ['send_failed', 1, 'data'],
  ]);
  now = 60_000;
  publisher.publish(caption({ id: 'SG_9', text: 'secret' }));
  await publisher.drain();
  expect(errors.map(({ count }) => count)).toEqual([1, 5]);
  publisher.publish(caption({ id: 'SG_10', text: 'secret', final: true }));
  await publisher.drain();
  expect(errors.map(({ code }) => code)).toEqual(['send_failed', 'send_failed', 'final_lost']);
  for (const error of errors) {
    expect(error.message).not.toContain('secret');
    expect(error.cause).toBeInstanceOf(Error);
  }
});

test('when too many wait, interims go first and then the oldest finals', async () => {
  const stuck = gate();
  const channel = new FakeChannel(() => stuck.promise);
  const { publisher, errors } = setUp(channel, { maxWaiting: 3 });
  const say = (id: string, final: boolean) => publisher.publish(caption({ id, text: id, final }));
  say('under way', true);
  await Promise.resolve();
  await Promise.resolve();
  say('interim', false);
  for (const id of ['one', 'two', 'three']) say(id, true);
  say('late interim', false);
  expect(errors).toEqual([]);
  say('four', true);
  expect(errors.map(({ code }) => code)).toEqual(['final_lost']);
  stuck.open();
  await publisher.drain();
  expect(channel.texts('data')).toEqual(['under way', 'two', 'three', 'four']);
});

test('close waits for finals, takes nothing more, and can be called again', async () => {
  const slow = gate();
  const channel = new FakeChannel(() => slow.promise);
  const { publisher, errors } = setUp(channel, { outputs: ['streams', 'segments', 'data'] });
  publisher.publish(caption({ text: 'A.', final: true }));
  publisher.publish(caption({ id: 'SG_2', text: 'B.', final: true }));
  const closing = publisher.close();
  publisher.publish(caption({ id: 'SG_3', text: 'C.', final: true }));
  expect(publisher.close()).toBe(closing);
  slow.open();
  await closing;
  for (const output of ['streams', 'segments', 'data'] as const) {
    expect(channel.texts(output)).toEqual(['A.', 'B.']);
  }
  expect(errors).toEqual([]);
});

test('close gives up in the end, says so, and tries nothing again', async () => {
  const stuck = gate();
  const channel = new FakeChannel(() => stuck.promise);
  const { publisher, errors } = setUp(channel);
  publisher.publish(caption({ text: 'A.', final: true }));
  publisher.publish(caption({ id: 'SG_2', text: 'B.', final: true }));
  await publisher.close(20);
  expect(errors.map(({ code }) => code)).toEqual(['final_lost']);
  stuck.fail();
  expect(await publisher.drain()).toBe(true);
  expect(channel.sent).toEqual([]);
});

test('close does not sit out the pause before another try', async () => {
  const channel = new FakeChannel(() => Promise.reject(new Error('no')));
  const { publisher, errors } = setUp(channel, { retryDelaysMs: [3_600_000] });
  publisher.publish(caption({ text: 'A.', final: true }));
  await publisher.close(20);
  expect(await publisher.drain()).toBe(true);
  expect(errors.map(({ code }) => code)).toEqual(['send_failed', 'final_lost']);
});

test('a rapid talker, twelve people at once and a slow channel: every final arrives, in order, and few interims', async () => {
  const people = Array.from({ length: 12 }, (_, index) => `TR_${index}`);
  // One at a time on the whole channel, as when it is full.
  let busy = Promise.resolve();
  const channel = new FakeChannel(() => (busy = busy.then(() => setImmediate())));
  const { publisher, errors } = setUp(channel, { outputs: ['streams', 'segments', 'data'] });
  const segments = 15;
  for (let segment = 0; segment < segments; segment += 1) {
    for (let rev = 0; rev <= 20; rev += 1) {
      for (const sid of people) {
        const final = rev === 20;
        const id = `${sid}-${String(segment).padStart(2, '0')}`;
        const text = final ? `${id}.` : `${id} ${rev}`;
        publisher.publish(caption({ id, rev, text, final, track: { sid, source: 'microphone' } }));
      }
    }
    await setImmediate();
  }
  await publisher.close();
  expect(errors).toEqual([]);
  for (const output of ['streams', 'segments', 'data'] as const) {
    const sent = channel.sent.filter((one) => one.output === output);
    const finals = sent.filter(({ final }) => final).map(({ text }) => text);
    expect(finals).toHaveLength(people.length * segments);
    for (const sid of people) {
      const own = finals.filter((text) => text.startsWith(`${sid}-`));
      expect(own).toEqual([...own].sort());
    }
    expect(sent.length - finals.length).toBeLessThan(finals.length);
  }
});

test('what people cannot follow is not sent, the first words and the final are', async () => {
  const channel = new FakeChannel();
  const clock = new VirtualClock();
  const { publisher } = setUp(channel, { clock, intervalMs: 100 });
  for (let rev = 0; rev < 10; rev += 1) {
    publisher.publish(caption({ text: `${rev}`, rev }));
    clock.pass(25);
    await setImmediate();
  }
  publisher.publish(caption({ text: 'All.', rev: 10, final: true }));
  await publisher.close();
  expect(channel.texts('data')).toEqual(['0', '3', '7', 'All.']);
  expect(clock.timers).toBe(0);
});

test('text streams go before the other outputs, which follow in order without being asked', async () => {
  const channel = new FakeChannel();
  const clock = new VirtualClock();
  const { publisher } = setUp(channel, { outputs: ['data', 'segments', 'streams'], clock });
  publisher.publish(caption({ text: 'so' }));
  publisher.publish(caption({ text: 'so the plan', final: true }));
  publisher.publish(caption({ id: 'SG_2', text: 'is', final: true }));
  await setImmediate();
  expect(channel.sent.map(({ output }) => output)).toEqual(['streams', 'streams']);
  clock.pass(5);
  await setImmediate();
  expect(channel.texts('streams')).toEqual(['so the plan', 'is']);
  expect(channel.texts('segments')).toEqual(['so the plan', 'is']);
  expect(channel.texts('data')).toEqual(['so the plan', 'is']);
});

test('closing sends what waits for its time', async () => {
  const channel = new FakeChannel();
  const clock = new VirtualClock();
  const { publisher } = setUp(channel, { clock });
  publisher.publish(caption({ text: 'a' }));
  await setImmediate();
  publisher.publish(caption({ text: 'a b', rev: 1 }));
  await publisher.close();
  expect(channel.texts('data')).toEqual(['a', 'a b']);
  expect(clock.timers).toBe(0);
});
