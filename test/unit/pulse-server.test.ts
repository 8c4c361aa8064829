import { afterEach, expect, test } from 'vitest';
import {
  type PulseServer,
  type PulseServerOptions,
  ScriptedRecogniser,
  scriptedWords,
  startPulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { BareClient, refusal } from '../support/alphabet-client.js';

const servers: PulseServer[] = [];

async function start(options: Partial<PulseServerOptions> = {}) {
  const recogniser = new ScriptedRecogniser();
  const server = await startPulseServer({ recogniser, ...options });
  servers.push(server);
  const open = async (query: Record<string, string> = {}) => {
    const session = recogniser.next();
    const client = await BareClient.open(server.url, query);
    return { client, session: await session };
  };
  return { recogniser, server, open };
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

test('the address is ready to be a base URL', async () => {
  const { server } = await start();
  expect(server.url).toBe(`http://127.0.0.1:${server.port}/waves/v1`);
});

test('an interim and a final arrive as the protocol has them, with nothing that was not asked for', async () => {
  const { open } = await start();
  const { client, session } = await open();
  session.events.interim(scriptedWords('so the'));
  session.events.final(scriptedWords('So the plan.'), true);
  await client.until(() => client.messages.length === 2);
  const [interim, final] = client.messages;
  expect(interim).toEqual({
    type: 'transcription',
    status: 'success',
    session_id: expect.any(String) as string,
    transcript: 'so the',
    is_final: false,
    is_last: false,
  });
  expect(final).toEqual({
    type: 'transcription',
    status: 'success',
    session_id: interim?.session_id,
    transcript: 'So the plan.',
    is_final: true,
    is_last: false,
    language: 'en',
    languages: ['en'],
  });
});

test('words, sentences and the running transcript come when they are asked for', async () => {
  const { open } = await start();
  const { client, session } = await open({
    word_timestamps: 'true',
    sentence_timestamps: 'true',
    full_transcript: 'true',
  });
  session.events.final(scriptedWords('Hello.'), false);
  session.events.final([...scriptedWords('So it is. Is it?', 1)], true);
  await client.until(() => client.finals.length === 2);
  expect(client.finals[0]?.words).toEqual([{ word: 'Hello.', start: 0, end: 0.5 }]);
  expect(client.finals[1]?.utterances).toEqual([
    { text: 'So it is.', start: 1, end: 2.7 },
    { text: 'Is it?', start: 2.8, end: 3.9 },
  ]);
  expect(client.finals[1]?.full_transcript).toBe('Hello. So it is. Is it?');
});

test('speech events come only when they are asked for, and vad_events wins over vad', async () => {
  const { open } = await start();
  const asked = await open({ vad: 'true' });
  const not = await open({ vad: 'true', vad_events: 'false' });
  for (const { session } of [asked, not]) {
    session.events.speechStarted(0.5);
    session.events.silence(1.25);
    session.events.final(scriptedWords('yes', 0.5), true);
    session.events.speechEnded(1.25);
  }
  await asked.client.until(() => asked.client.messages.length === 3);
  expect(asked.client.messages.map((message) => message.type)).toEqual([
    'speech_started',
    'transcription',
    'speech_ended',
  ]);
  expect(asked.client.messages[2]?.timestamp).toBe(1.25);
  await not.client.finish();
  expect(not.client.messages.map((message) => message.type)).toEqual([
    'transcription',
    'transcription',
  ]);
});

test('finalize is answered with one final, and the stream goes on', async () => {
  const { open } = await start();
  const { client, session } = await open();
  session.rest = scriptedWords('what is left');
  client.command('finalize');
  const first = await client.message((message) => message.is_final === true);
  expect(first).toMatchObject({ transcript: 'what is left', from_finalize: true, is_last: false });
  client.command('finalize');
  await client.until(() => client.finals.length === 2);
  expect(client.finals[1]).toMatchObject({ transcript: '', from_finalize: true });
  session.events.interim(scriptedWords('more'));
  await client.message((message) => message.transcript === 'more');
});

test('close_stream is answered with a last final, after which the server closes', async () => {
  const { open, server } = await start();
  const { client, session } = await open();
  session.rest = scriptedWords('good bye');
  const closed = await client.finish();
  expect(client.messages).toHaveLength(1);
  expect(client.messages[0]).toMatchObject({
    transcript: 'good bye',
    is_final: true,
    is_last: true,
  });
  expect(client.messages[0]).not.toHaveProperty('from_finalize');
  expect(closed.code).toBe(1000);
  await expect.poll(() => session.closed).toBe(true);
  expect(server.stats.current).toBe(0);
});

test('a keepalive and a ping are answered', async () => {
  const { open } = await start();
  const { client } = await open();
  client.command('keepalive');
  client.ws.ping();
  await client.until(() => client.pongs === 1 && client.messages.length === 1);
  expect(client.messages[0]?.type).toBe('pong');
});

test('audio of any listed rate is heard at 16 kHz, also when a sample is cut in two', async () => {
  const { open, server } = await start();
  for (const rate of [8000, 16_000, 22_050, 24_000, 44_100, 48_000]) {
    const { client, session } = await open({ sample_rate: String(rate) });
    const second = Buffer.alloc(2 * rate);
    client.ws.send(second.subarray(0, 1001));
    client.ws.send(second.subarray(1001));
    await client.finish();
    expect(session.samples).toBeGreaterThanOrEqual(15_990);
    expect(session.samples).toBeLessThanOrEqual(16_030);
    expect(server.stats.streams.at(-1)?.audioMs).toBeCloseTo(1000, 6);
  }
});

test('max_words cuts finals, and what marks the end is on the last piece', async () => {
  const { open } = await start();
  const { client, session } = await open({ max_words: '2' });
  session.rest = scriptedWords('a b c d e');
  await client.finish();
  expect(client.finals.map((message) => [message.transcript, message.is_last])).toEqual([
    ['a b', false],
    ['c d', false],
    ['e', true],
  ]);
});

test('without format there are no capitals and no punctuation', async () => {
  const { open } = await start();
  const { client, session } = await open({ format: 'false' });
  session.rest = scriptedWords("Well, it's Ann. …");
  await client.finish();
  expect(client.text).toBe("well it's ann");
});

test('a final without words is sent only to take an interim back', async () => {
  const { open } = await start();
  const { client, session } = await open();
  session.events.final([], true);
  session.events.interim(scriptedWords('hm'));
  session.events.final([], true);
  await client.until(() => client.finals.length === 1);
  expect(client.messages.map((message) => message.transcript)).toEqual(['hm', '']);
});

test('the language is echoed, and a detector answers with what it heard', async () => {
  const { open } = await start();
  const french = await open({ language: 'fr' });
  const any = await open({ language: 'multi' });
  await french.client.finish();
  await any.client.finish();
  expect(french.client.finals[0]).toMatchObject({ language: 'fr', languages: ['fr'] });
  expect(any.client.finals[0]).toMatchObject({ language: 'en', languages: ['en'] });
});

test('the options that concern the recogniser reach it', async () => {
  const { open } = await start();
  const silence = async (query: Record<string, string>) =>
    (await open(query)).session.options.silenceMs;
  expect(await silence({})).toBe(600);
  expect(await silence({ endpointing_timeout: '300' })).toBe(300);
  expect(await silence({ endpointing_timeout: '900' })).toBe(800);
  expect(await silence({ endpointing: 'false', eou_timeout_ms: '1500' })).toBe(1500);
  const { session } = await open({ finalize_on_words: 'false' });
  expect(session.options.finalizeOnWords).toBe(false);
});

const ok = { model: 'pulse', language: 'en' };
test('with a key, any other is refused with 401 and never repeated', async () => {
  const { server } = await start({ apiKey: 'sesame' });
  for (const headers of [{}, { Authorization: 'Bearer barley' }]) {
    const answer = await refusal(server.url, ok, headers);
    expect(answer.status).toBe(401);
    expect(answer.body).not.toMatch(/sesame|barley/);
  }
  const client = await BareClient.open(server.url, {}, { Authorization: 'Bearer sesame' });
  expect((await client.finish()).code).toBe(1000);
  expect(server.stats).toMatchObject({ opened: 1, refused: 2 });
});

test('what no command is gets an error, and the stream goes on', async () => {
  const { open } = await start();
  const { client } = await open();
  client.ws.send('not json');
  client.ws.send('{"type":"sing"}');
  await client.until(() => client.messages.length === 2);
  expect(client.messages.map((message) => message.type)).toEqual(['error', 'error']);
  expect((await client.finish()).code).toBe(1000);
});

test('a client that vanishes takes its session with it', async () => {
  const { open, server } = await start();
  const { client, session } = await open();
  client.ws.terminate();
  await client.closed();
  await expect.poll(() => session.closed).toBe(true);
  expect(server.stats.current).toBe(0);
});

test('a recogniser that fails is an error message and a close', async () => {
  const { open } = await start();
  const { client, session } = await open();
  session.events.failed(new Error('out of memory'));
  expect((await client.closed()).code).toBe(1011);
  expect(client.messages[0]).toMatchObject({ type: 'error', status: 'error' });
});

test('health tells what it is, and that it is not Pulse', async () => {
  const { server } = await start();
  const answer = await fetch(new URL('/health', server.url));
  expect(await answer.json()).toEqual({
    status: 'ok',
    service: 'local stand-in for Pulse',
    recogniser: 'a script',
    streams: 0,
  });
});

test('close may be called twice, and ends streams and recogniser', async () => {
  const { open, server, recogniser } = await start();
  const { client } = await open();
  await Promise.all([server.close(), server.close()]);
  expect((await client.closed()).code).toBe(1006);
  expect(recogniser.closed).toBe(true);
});

test('what it ignores it says, once', async () => {
  const lines: string[] = [];
  const { open } = await start({ log: (line) => lines.push(line) });
  await open({ redact_pii: 'true', keywords: 'Blackwell:1', diarize: 'false' });
  await open({ redact_pii: 'true', language: 'fr' });
  await open();
  expect(lines).toEqual([
    'this stand-in for Pulse ignores redact_pii, keywords',
    'this stand-in for Pulse ignores language=fr',
  ]);
});
