import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type PulseServer,
  ScriptedRecogniser,
  type ScriptedSession,
  scriptedWords,
  startPulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { type PulseEvent, PulseStream, type PulseStreamOptions } from '../../src/pulse/index.js';

/** What a running stream does with new options. */
let recogniser: ScriptedRecogniser;
let server: PulseServer;
beforeEach(async () => {
  recogniser = new ScriptedRecogniser();
  server = await startPulseServer({ recogniser });
});
afterEach(() => server.close());

const second = (): Int16Array => new Int16Array(16_000).fill(1000);

async function speaking(options: Partial<PulseStreamOptions> = {}) {
  const events: PulseEvent[] = [];
  const refused: string[] = [];
  const stream = new PulseStream(
    { apiKey: 'key', baseUrl: server.url, vadEvents: true, ...options },
    {
      onEvent: (event) => void events.push(event),
      onLanguageRefused: (language) => void refused.push(language),
    },
  );
  const opened = recogniser.next();
  stream.push(second(), 0);
  return { stream, events, refused, session: await opened };
}

const asked = (name: string): (string | null)[] =>
  server.stats.streams.map(({ url }) => new URL(url, 'http://pulse').searchParams.get(name));
const texts = (events: readonly PulseEvent[], type: 'interim' | 'final'): string[] =>
  events.flatMap((event) => (event.type === type ? event.text : []));

function say(session: ScriptedSession, text: string, start = 0.1): void {
  session.events.speechStarted(start);
  session.events.interim(scriptedWords(text, start));
}

test('redaction that is turned on takes back what is shown, and does not wait for a pause', async () => {
  const { stream, events, session } = await speaking();
  say(session, 'my name is');
  await expect.poll(() => texts(events, 'interim')).toEqual(['my name is']);
  const next = recogniser.next();
  stream.updateOptions({ redactPii: true });
  const redacting = await next;
  say(redacting, 'my name is Tom');
  redacting.rest = scriptedWords('my name is [FIRSTNAME_1]', 0.1);
  await stream.end();
  expect(asked('redact_pii')).toEqual([null, 'true']);
  expect(texts(events, 'interim')).toEqual(['my name is', '']);
  expect(texts(events, 'final')).toEqual(['my name is [FIRSTNAME_1]']);
});

test('redaction that is turned off shows interims again, from the next connection on', async () => {
  const { stream, events, session } = await speaking({ redactPii: true });
  session.rest = scriptedWords('first');
  stream.flush();
  await expect.poll(() => texts(events, 'final')).toEqual(['first']);
  const next = recogniser.next();
  stream.updateOptions({ redactPii: false });
  stream.push(second(), 1000);
  const open = await next;
  say(open, 'second', 1.3);
  await expect.poll(() => texts(events, 'interim')).toEqual(['second']);
  stream.close();
});

test.each([
  [400, 'language ja is not known'],
  [403, 'LANGUAGE_NOT_ENABLED_IN_REGION'],
])(
  'a language that the service refuses (%i) gives way to the one before, without loss',
  async (status, message) => {
    const { stream, events, refused, session } = await speaking({ language: 'fr' });
    session.rest = scriptedWords('bonjour', 0.1);
    stream.flush();
    await expect.poll(() => texts(events, 'final')).toEqual(['bonjour']);
    server.faults.refuse({ status, message, count: 1 });
    const next = recogniser.next();
    stream.updateOptions({ language: 'ja' });
    stream.push(second(), 1000);
    const back = await next;
    back.rest = scriptedWords('monde', 1.1);
    await stream.end();
    expect(refused).toEqual(['ja']);
    expect(asked('language')).toEqual(['fr', 'fr']);
    expect(texts(events, 'final')).toEqual(['bonjour', 'monde']);
    expect(events.filter((event) => event.type === 'connection' && event.error)).toEqual([]);
  },
);

test('a language that is refused before anything was said gives way, too', async () => {
  server.faults.refuse({ status: 400, message: 'no such language', count: 1 });
  const refused: string[] = [];
  const stream = new PulseStream(
    { apiKey: 'key', baseUrl: server.url, language: 'de' },
    {
      onEvent: () => undefined,
      onLanguageRefused: (language) => void refused.push(language),
    },
  );
  stream.updateOptions({ language: 'auto' });
  stream.push(second(), 0);
  await expect.poll(() => asked('language')).toEqual(['de']);
  expect(refused).toEqual(['multi']);
  stream.close();
});

test('an option that is taken back has the default of the service again', async () => {
  const { stream, events, session } = await speaking({ keywords: 'Blackwell:1' });
  session.rest = scriptedWords('first');
  stream.flush();
  await expect.poll(() => texts(events, 'final')).toEqual(['first']);
  stream.updateOptions({ keywords: undefined });
  stream.push(second(), 1000);
  await expect.poll(() => asked('keywords')).toEqual(['Blackwell:1', null]);
  stream.close();
});
