import { setTimeout as sleep } from 'node:timers/promises';
import { PulseStream } from '../../../pulse/stream.js';
import { ensureModel } from '../../model.js';
import { startPulseServer } from '../../pulse-server/index.js';
import { createMoonshineRecogniser } from '../../pulse-server/moonshine/index.js';
import { readClip, speechIndex, type Clip } from '../../speech/recordings.js';
import type { Script } from './script.js';

const RATE = 16_000;
const FRAME_MS = 50;
const FRAME = (RATE * FRAME_MS) / 1000;
const PAUSE = new Int16Array(RATE);

/** What the local recogniser says of the recorded people, who all speak at the same time, in real time. */
export async function recordedPeople(log: (line: string) => void): Promise<Script[]> {
  const model = await ensureModel(log);
  const server = await startPulseServer({ recogniser: await createMoonshineRecogniser(model) });
  try {
    const { clips } = await speechIndex();
    const speakers = [...new Set(clips.map(({ speaker }) => speaker))];
    return await Promise.all(
      speakers.map((name) =>
        listen(
          server.url,
          clips.filter(({ speaker }) => speaker === name),
        ),
      ),
    );
  } finally {
    await server.close();
  }
}

async function listen(baseUrl: string, clips: readonly Clip[]): Promise<Script> {
  const began = performance.now();
  const script: { at: number; event: Script[number]['event'] }[] = [];
  const stream = new PulseStream(
    { apiKey: 'bench', baseUrl, vadEvents: true },
    { onEvent: (event) => script.push({ at: performance.now() - began, event }) },
  );
  let at = 0;
  for (const { file } of clips) {
    const { samples } = await readClip(file);
    for (const part of [samples, PAUSE]) {
      for (let from = 0; from < part.length; from += FRAME) {
        await sleep(Math.max(0, began + at - performance.now()));
        stream.push(part.slice(from, from + FRAME), at);
        at += FRAME_MS;
      }
    }
  }
  await stream.end();
  return script;
}
