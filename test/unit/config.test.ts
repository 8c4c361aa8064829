import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/config.js';
import { describeEnvironment } from '../../src/config/environment.js';
import { STREAM_OPTIONS } from '../../src/pulse/options.js';
import { FORMATS } from '../../src/transcript/exports/formats.js';

const COMPLETE = {
  LIVEKIT_URL: 'wss://livekit.example.org',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'secret',
  SMALLEST_API_KEY: 'smallest',
};

function faultsOf(env: Record<string, string | undefined>): Record<string, string> {
  try {
    loadConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.faults.map(({ variable, problem }) => [variable, problem]));
  }
  return {};
}

describe('a complete environment', () => {
  test('has the defaults of the contract', () => {
    expect(loadConfig(COMPLETE)).toEqual({
      livekit: { url: 'wss://livekit.example.org', apiKey: 'key', apiSecret: 'secret' },
      pulse: {
        apiKey: 'smallest',
        baseUrl: 'https://api.smallest.ai/waves/v1',
        recognition: { language: 'en', vadEvents: true },
        idleCloseMs: 30_000,
        gate: { prerollMs: 400 },
      },
      captions: { outputs: ['streams', 'segments', 'data'], intervalMs: 100 },
      transcript: { directory: './transcripts', formats: [...FORMATS] },
      worker: {
        agentName: '',
        roomsPerProcess: 25,
        maxLoad: 0.8,
        maxStreams: undefined,
        healthPort: 8081,
        drainMs: 600_000,
      },
      cost: { ratePerHour: 0.48 },
      log: { level: 'info' },
    });
  });

  test('sets what it sets', () => {
    const config = loadConfig({
      ...COMPLETE,
      LIVEKIT_URL: 'http://localhost:7880',
      SMALLEST_BASE_URL: 'http://127.0.0.1:9000/waves/v1/',
      AGENT_NAME: 'captions.de',
      CAPTIONS_OUTPUTS: ' data , streams',
      CAPTIONS_INTERVAL_MS: '250',
      TRANSCRIPT_DIR: '/var/lib/captions',
      TRANSCRIPT_FORMATS: 'vtt',
      TRANSCRIPT_STORE: 's3://calls//eu/captions/',
      TRANSCRIPT_KEEP_DAYS: '30',
      WEBHOOK_URL: 'https://example.org/hook',
      WEBHOOK_SEGMENTS: 'true',
      ROOMS_PER_PROCESS: '3',
      MAX_CPU_PERCENT: '100',
      PULSE_MAX_STREAMS: '100',
      PULSE_IDLE_SECONDS: '5',
      PULSE_RATE_PER_HOUR: '0.3',
      CAPTIONS_MAX_MINUTES_PER_ROOM: '90',
      CAPTIONS_MAX_MINUTES_PER_DAY: '6000',
      HEALTH_PORT: '0',
      DRAIN_SECONDS: '7',
      LOG_LEVEL: 'debug',
      PULSE_LANGUAGE: 'fr',
      PULSE_EOU_TIMEOUT_MS: '1500',
      PULSE_VAD_EVENTS: 'false',
      PULSE_KEYWORDS: 'Blackwell:1,Jensen Huang:2',
    });
    expect(config).toEqual({
      livekit: { url: 'ws://localhost:7880', apiKey: 'key', apiSecret: 'secret' },
      pulse: {
        apiKey: 'smallest',
        baseUrl: 'http://127.0.0.1:9000/waves/v1',
        gate: { prerollMs: 400 },
        recognition: {
          language: 'fr',
          eouTimeoutMs: 1500,
          vadEvents: false,
          keywords: 'Blackwell:1,Jensen Huang:2',
        },
        idleCloseMs: 5000,
      },
      captions: { outputs: ['streams', 'data'], intervalMs: 250 },
      transcript: {
        directory: '/var/lib/captions',
        formats: ['vtt'],
        store: { bucket: 'calls', prefix: 'eu/captions/' },
        keepDays: 30,
        webhook: {
          url: 'https://example.org/hook',
          segments: true,
          apiKey: 'key',
          apiSecret: 'secret',
        },
      },
      worker: {
        agentName: 'captions.de',
        roomsPerProcess: 3,
        maxLoad: 1,
        maxStreams: 100,
        healthPort: 0,
        drainMs: 7000,
      },
      cost: { ratePerHour: 0.3, maxMinutesPerRoom: 90, maxMinutesPerDay: 6000 },
      log: { level: 'debug' },
    });
  });

  test.each([
    ['outputs can all be off', { CAPTIONS_OUTPUTS: 'none' }, { captions: { outputs: [] } }],
    ['an empty folder turns transcripts off', { TRANSCRIPT_DIR: '' }, { transcript: undefined }],
    ['so does one of spaces', { TRANSCRIPT_DIR: '  ' }, { transcript: undefined }],
    ['no exports may be wanted', { TRANSCRIPT_FORMATS: 'none' }, { transcript: { formats: [] } }],
    ['other empty variables count as left out', { LOG_LEVEL: '' }, { log: { level: 'info' } }],
    ['the gate can be off', { PULSE_GATE: 'off' }, { pulse: { gate: undefined } }],
    [
      'and its length is a matter of taste',
      { PULSE_GATE_PREROLL_MS: '250' },
      { pulse: { gate: { prerollMs: 250 } } },
    ],
    ['spaces around a value are dropped', { LOG_LEVEL: ' warn\n' }, { log: { level: 'warn' } }],
  ])('%s', (_name, env, part) => {
    expect(loadConfig({ ...COMPLETE, ...env })).toMatchObject(part);
  });

  test('is not disturbed by the variables of PulseAudio', () => {
    expect(faultsOf({ ...COMPLETE, PULSE_SERVER: 'unix:/run/pulse', PULSE_PROP: 'x' })).toEqual({});
  });
});

describe('faults', () => {
  test.each([
    [{ TRANSCRIPT_FORMATS: 'vtt,docx' }, { TRANSCRIPT_FORMATS: /"docx".*vtt/ }],
    [{ TRANSCRIPT_STORE: 'calls/eu' }, { TRANSCRIPT_STORE: /s3:\/\/bucket/ }],
    [{ TRANSCRIPT_STORE: 's3://UPPER/eu' }, { TRANSCRIPT_STORE: /s3:\/\/bucket/ }],
    [{ TRANSCRIPT_KEEP_DAYS: '0' }, { TRANSCRIPT_KEEP_DAYS: /whole number/ }],
    [{ WEBHOOK_URL: 'example.org' }, { WEBHOOK_URL: /https:/ }],
    [{ WEBHOOK_URL: 'https://me:secret@example.org' }, { WEBHOOK_URL: /password/ }],
    [{ WEBHOOK_SEGMENTS: 'yes' }, { WEBHOOK_SEGMENTS: /true or false/ }],
    [
      { TRANSCRIPT_DIR: '', TRANSCRIPT_STORE: 's3://calls', WEBHOOK_URL: 'https://example.org' },
      { TRANSCRIPT_STORE: /TRANSCRIPT_DIR/, WEBHOOK_URL: /TRANSCRIPT_DIR/ },
    ],
  ])('of where transcripts go: %j', (env, faults) => {
    const found = faultsOf({ ...COMPLETE, ...env });
    expect(Object.keys(found)).toEqual(Object.keys(faults));
    for (const [name, problem] of Object.entries(faults)) expect(found[name]).toMatch(problem);
  });

  test('are all reported at once, by name', () => {
    const faults = faultsOf({
      LIVEKIT_URL: 'livekit.example.org',
      LIVEKIT_API_SECRET: ' ',
      SMALLEST_BASE_URL: 'wss://api.smallest.ai',
      AGENT_NAME: 'two words',
      CAPTIONS_OUTPUTS: 'stream,data',
      ROOMS_PER_PROCESS: '0',
      HEALTH_PORT: '80a1',
      PULSE_GATE: 'maybe',
      PULSE_GATE_PREROLL_MS: '-1',
      DRAIN_SECONDS: '-1',
      LOG_LEVEL: 'loud',
      PULSE_LANGUAGE: 'xx',
      PULSE_EOU_TIMEOUT_MS: '5',
      PULSE_LANGAUGE: 'en',
    });
    expect(faults).toMatchObject({
      LIVEKIT_URL: expect.stringContaining('wss://') as string,
      LIVEKIT_API_KEY: expect.stringContaining('missing') as string,
      LIVEKIT_API_SECRET: expect.stringContaining('missing') as string,
      SMALLEST_API_KEY: expect.stringContaining('missing') as string,
      SMALLEST_BASE_URL: expect.stringContaining('https://') as string,
      AGENT_NAME: expect.stringContaining('letters') as string,
      CAPTIONS_OUTPUTS: expect.stringMatching(/"stream".*streams, segments, data/) as string,
      ROOMS_PER_PROCESS: expect.stringContaining('from 1 to 1000') as string,
      HEALTH_PORT: expect.stringContaining('from 0 to 65535') as string,
      PULSE_GATE: expect.stringContaining('on or off') as string,
      PULSE_GATE_PREROLL_MS: expect.stringContaining('0 to 5000') as string,
      DRAIN_SECONDS: expect.stringContaining('whole number') as string,
      LOG_LEVEL: expect.stringContaining('warn') as string,
      PULSE_LANGUAGE: expect.stringContaining('en hi de') as string,
      PULSE_EOU_TIMEOUT_MS: expect.stringContaining('from 100 to 10000') as string,
      PULSE_LANGAUGE: expect.stringContaining('PULSE_LANGUAGE') as string,
    });
    expect(Object.keys(faults)).toHaveLength(16);
  });

  test('make one message, with a line each', () => {
    const message = (() => {
      try {
        return loadConfig({ LIVEKIT_URL: 'x' });
      } catch (error) {
        return String(error);
      }
    })();
    expect(message).toContain('4 faults');
    expect(message).toMatch(/^ {2}LIVEKIT_URL: /m);
    expect(message).toMatch(/^ {2}SMALLEST_API_KEY: /m);
  });

  test('do not show a secret', () => {
    const secret = 'sk-"quoted"-and broken';
    for (const name of ['LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET', 'SMALLEST_API_KEY']) {
      const faults = faultsOf({ ...COMPLETE, [name]: secret });
      expect(Object.keys(faults)).toEqual([name]);
      expect(JSON.stringify(faults)).not.toContain('quoted');
    }
  });
});

describe('the description', () => {
  test('says of each variable what it is, its default, and whether it is a secret', () => {
    const table = new Map(describeEnvironment().map((row) => [row.name, row]));
    expect(table.get('LIVEKIT_URL')).toMatchObject({ fallback: undefined, secret: false });
    expect(table.get('SMALLEST_API_KEY')).toMatchObject({ fallback: undefined, secret: true });
    expect(table.get('CAPTIONS_OUTPUTS')?.fallback).toBe('streams,segments,data');
    expect(table.get('HEALTH_PORT')?.fallback).toBe('8081');
    for (const { doc } of table.values()) expect(doc).not.toBe('');
  });

  test('is what .env.example has', () => {
    const lines = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8').split('\n');
    const example = new Map(
      lines.flatMap((line) => {
        const [, name, value] = /^#?([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, value]];
      }),
    );
    const options = Object.values(STREAM_OPTIONS).map(({ wire }) => `PULSE_${wire.toUpperCase()}`);
    const variables = describeEnvironment();
    const names = [...variables.map(({ name }) => name), ...options];
    expect([...example.keys()].sort()).toEqual(names.sort());
    for (const { name, fallback } of variables) {
      if (fallback !== undefined) expect(example.get(name)).toBe(fallback);
    }
  });
});
