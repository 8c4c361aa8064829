import { readdir, stat, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readClip, speechIndex } from '../../src/devkit/speech/recordings.js';
import { readWav } from '../../src/devkit/speech/wav.js';

const FOLDER = new URL('../../src/devkit/speech/', import.meta.url);

test('every recording is listed with words, source and licence, and is what the recogniser takes', async () => {
  const { clips } = await speechIndex();
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.wav'));
  expect(clips.map(({ file }) => file).sort()).toEqual(files.sort());
  let bytes = 0;
  for (const { file, text, source, licence } of clips) {
    const { samples, sampleRate } = await readClip(file);
    expect(sampleRate).toBe(16_000);
    expect(samples.some((sample) => Math.abs(sample) > 5000)).toBe(true);
    expect(text).toMatch(/^[A-Z].*[.?!]$/);
    expect(source + licence).toMatch(/LibriVox|librivox|flite/);
    bytes += (await stat(new URL(file, FOLDER))).size;
  }
  expect(bytes).toBeLessThan(3_500_000);
});

test('the conversation: three people who take turns, and who also talk at once', async () => {
  const { people, turns, length } = (await speechIndex()).conversation;
  const spans = await Promise.all(
    turns.map(async ({ identity, file, start }) => {
      const { samples, sampleRate } = await readClip(file);
      return { identity, start, end: start + (1000 * samples.length) / sampleRate };
    }),
  );
  expect(people).toHaveLength(3);
  expect(new Set(spans.map(({ identity }) => identity))).toEqual(
    new Set(people.map(({ identity }) => identity)),
  );
  const overlaps = spans.filter((span, i) => spans.slice(0, i).some(({ end }) => end > span.start));
  expect(overlaps.length).toBeGreaterThanOrEqual(1);
  for (const [i, span] of spans.entries()) {
    // Nobody talks over themselves, also not into the next round.
    const own = spans.filter(({ identity }, j) => j < i && identity === span.identity);
    for (const { end } of own) expect(end).toBeLessThan(span.start);
    expect(span.end).toBeLessThan(length);
  }
});

function chunk(id: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function wav(...chunks: Buffer[]): Buffer {
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));
}

function format({ format = 1, channels = 1, rate = 8000, bits = 16 } = {}): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(format, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', body);
}

const AUDIO = chunk('data', Buffer.from(Int16Array.of(1, -2, 32767, -32768).buffer));

async function read(bytes: Buffer) {
  const folder = await mkdtemp(join(tmpdir(), 'captions wav '));
  try {
    await writeFile(join(folder, 'a.wav'), bytes);
    return await readWav(join(folder, 'a.wav'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('reads a WAV file, past chunks that it does not know', async () => {
  const extra = chunk('LIST', Buffer.from('odd'));
  expect(await read(wav(extra, format(), extra, AUDIO, extra))).toEqual({
    samples: Int16Array.of(1, -2, 32767, -32768),
    sampleRate: 8000,
  });
});

test.each([
  ['text', Buffer.from('this is no WAV file at all'), /not a WAV file/],
  ['nothing', Buffer.alloc(0), /not a WAV file/],
  ['stereo', wav(format({ channels: 2 }), AUDIO), /one channel/],
  ['8 bits', wav(format({ bits: 8 }), AUDIO), /16-bit/],
  ['no audio', wav(format()), /no audio/],
  ['audio of no known format', wav(AUDIO, format()), /no audio/],
])('refuses %s', async (_, bytes, reason) => {
  await expect(read(bytes)).rejects.toThrow(reason);
});
