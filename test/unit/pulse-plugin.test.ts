import { initializeLogger, stt as framework, voice } from '@livekit/agents';
import { ReadableStream } from 'node:stream/web';
import { AudioFrame } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ScriptedRecogniser,
  scriptedWords,
  startPulseServer,
  type PulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { STT, type STTOptions } from '../../src/pulse/index.js';

let recogniser: ScriptedRecogniser;
let server: PulseServer;

beforeEach(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  recogniser = new ScriptedRecogniser();
  server = await startPulseServer({ recogniser, apiKey: 'right-key' });
});
afterEach(() => server.close());

function make(options: STTOptions = {}): STT {
  return new STT({ apiKey: 'right-key', baseUrl: server.url, ...options });
}

/** 10 ms as the framework gives them: 48 kHz, stereo. */
function frame(): AudioFrame {
  return new AudioFrame(new Int16Array(960).fill(1000), 48_000, 2, 480);
}

async function collect(
  stream: AsyncIterable<framework.SpeechEvent>,
): Promise<framework.SpeechEvent[]> {
  const events: framework.SpeechEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const { SpeechEventType } = framework;

test('a stream of the framework: resampled, in order, times in seconds, usage at the end', async () => {
  const opened = recogniser.next();
  const stream = make().stream();
  const events = collect(stream);
  for (let count = 0; count < 100; count += 1) stream.pushFrame(frame());
  const session = await opened;
  session.events.speechStarted(0.1);
  session.events.interim(scriptedWords('so the', 0.1));
  session.rest = scriptedWords('so the plan', 0.1);
  stream.flush();
  stream.endInput();
  const all = await events;
  expect(all.map((event) => SpeechEventType[event.type])).toEqual([
    'START_OF_SPEECH',
    'INTERIM_TRANSCRIPT',
    'FINAL_TRANSCRIPT',
    'END_OF_SPEECH',
    'RECOGNITION_USAGE',
  ]);
  const final = all[2]?.alternatives?.[0];
  expect(final).toMatchObject({ text: 'so the plan', language: 'en' });
  expect(final?.startTime).toBeCloseTo(0.1, 2);
  expect(final?.words?.map((word) => word.text)).toEqual(['so', 'the', 'plan']);
  expect(all[3]?.alternatives?.[0].text).toBe('so the plan');
  // One second of audio, but for what the resampler holds back.
  expect(all[4]?.recognitionUsage?.audioDuration).toBeCloseTo(1, 1);
  expect(server.stats.streams[0]?.commands.at(-1)).toBe('close_stream');
});

test('a wrong key ends the stream and is an error event of the plugin, not a retry', async () => {
  const plugin = make({ apiKey: 'wrong-key' });
  const failed = new Promise<Parameters<framework.STTCallbacks['error']>[0]>((resolve) => {
    plugin.once('error', resolve);
  });
  const stream = plugin.stream();
  stream.pushFrame(frame());
  for (let count = 0; count < 10; count += 1) stream.pushFrame(frame());
  const error = await failed;
  expect(error).toMatchObject({ recoverable: false, error: { statusCode: 401, retryable: false } });
  expect(error.error.message).not.toContain('wrong-key');
  expect((await collect(stream)).length).toBe(0);
  expect(server.stats.refused).toBe(1);
});

test('a closed stream drops its connection', async () => {
  const opened = recogniser.next();
  const stream = make().stream();
  for (let count = 0; count < 100; count += 1) stream.pushFrame(frame());
  const session = await opened;
  const closed = new Promise<void>((resolve) => {
    session.close = resolve;
  });
  stream.close();
  await closed;
  await expect(stream.next()).resolves.toMatchObject({ done: true });
});

test('options change for streams that run and streams to come', async () => {
  const plugin = make();
  const opened = recogniser.next();
  const stream = plugin.stream();
  for (let count = 0; count < 100; count += 1) stream.pushFrame(frame());
  await opened;
  const next = recogniser.next();
  plugin.updateOptions({ language: 'de' });
  for (let count = 0; count < 100; count += 1) stream.pushFrame(frame());
  await next;
  stream.close();
  expect(server.stats.streams.map((record) => /language=(\w+)/.exec(record.url)?.[1])).toEqual([
    'en',
    'de',
  ]);
});

test.each([
  ['at once', () => undefined],
  ['when the framework has started it', () => new Promise((resolve) => setImmediate(resolve))],
])('options that change before the first audio, %s, hold from the beginning', async (_, wait) => {
  const plugin = make();
  const stream = plugin.stream();
  await wait();
  plugin.updateOptions({ language: 'de' });
  stream.updateOptions({ keywords: 'Blackwell:1' });
  const opened = recogniser.next();
  for (let count = 0; count < 100; count += 1) stream.pushFrame(frame());
  await opened;
  stream.close();
  expect(server.stats.opened).toBe(1);
  const url = new URL(server.stats.streams[0]?.url ?? '', server.url);
  expect(url.searchParams.get('language')).toBe('de');
  expect(url.searchParams.get('keywords')).toBe('Blackwell:1');
});

test('what is wrong with options is said before a stream is open, and those before hold', async () => {
  const stream = make().stream();
  expect(() => stream.updateOptions({ language: 'xx' })).toThrow(/^language /);
  const opened = recogniser.next();
  for (let count = 0; count < 100; count += 1) stream.pushFrame(frame());
  await opened;
  stream.close();
  expect(server.stats.streams[0]?.url).toContain('language=en');
});

test('recognises a whole buffer by the batch API', async () => {
  void recogniser.next().then((session) => {
    session.rest = scriptedWords('so the plan');
  });
  const event = await make().recognize([frame(), frame()]);
  expect(event.type).toBe(SpeechEventType.FINAL_TRANSCRIPT);
  expect(event.alternatives?.[0]).toMatchObject({ text: 'so the plan', language: 'en' });
  const refused = make({ apiKey: 'wrong-key' }).recognize(frame());
  await expect(refused).rejects.toMatchObject({ statusCode: 401 });
});

test('works in an AgentSession', async () => {
  class Microphone extends voice.AudioInput {
    constructor(frames: ReadableStream<AudioFrame>) {
      super();
      this.multiStream.addInputStream(frames);
    }
  }
  const opened = recogniser.next();
  const session = new voice.AgentSession({ stt: make(), turnDetection: 'stt' });
  let speak: ((frame: AudioFrame) => void) | undefined;
  session.input.audio = new Microphone(
    new ReadableStream({ start: (controller) => (speak = (next) => controller.enqueue(next)) }),
  );
  const heard: string[] = [];
  const said = new Promise<void>((resolve) => {
    session.on(voice.AgentSessionEventTypes.UserInputTranscribed, (event) => {
      heard.push(`${event.isFinal ? 'final' : 'interim'}: ${event.transcript}`);
      if (event.isFinal) resolve();
    });
  });
  await session.start({ agent: new voice.Agent({ instructions: 'Listen.' }) });
  for (let count = 0; count < 20; count += 1) speak?.(frame());
  const scripted = await opened;
  scripted.events.speechStarted(0);
  scripted.events.interim(scriptedWords('so the'));
  scripted.events.final(scriptedWords('so the plan'), true);
  scripted.events.speechEnded(1.8);
  await said;
  await session.close();
  expect(heard).toEqual(['interim: so the', 'final: so the plan']);
});
