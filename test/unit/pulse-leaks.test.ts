import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCountingRecogniser } from '../../src/devkit/bench/counting-recogniser.js';
import { type PulseServer, startPulseServer } from '../../src/devkit/pulse-server/index.js';
import { PulseStream } from '../../src/pulse/stream.js';

const STREAMS = 10_000;
const AT_ONCE = 100;
/** Code that is compiled and tables that grow once do so with the first streams. */
const WARM_UP = 2000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let server: PulseServer;
beforeAll(async () => {
  server = await startPulseServer({ recogniser: createCountingRecogniser() });
});
afterAll(() => server.close());

/** One that is dropped while it connects, one that is dropped when it is live, one that says its last word. */
const ENDINGS = ['at once', 'live', 'in order'] as const;

function openAndClose(index: number): Promise<void> {
  const ending = ENDINGS[index % ENDINGS.length];
  return new Promise((resolve) => {
    const stream = new PulseStream(
      { apiKey: 'key', baseUrl: server.url, vadEvents: true },
      {
        onEvent(event) {
          if (event.type !== 'connection') return;
          if (event.state === 'live' && ending === 'live') stream.close();
          if (event.state === 'ended') resolve();
        },
      },
    );
    stream.push(new Int16Array(4800).fill(1000), 0);
    if (ending === 'at once') stream.close();
    if (ending === 'in order') void stream.end();
  });
}

async function openAndCloseMany(count: number): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => openAndClose(done + index)));
  }
}

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Sockets and timers that keep the process from ending. */
function handles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /TCPSocket|TCPClient|Timeout/.test(kind));
}

test('ten thousand streams leave the heap, sockets, timers and listeners as they were', async () => {
  const handlesBefore = handles().length;
  const listenersBefore = process.eventNames().length;
  await openAndCloseMany(WARM_UP);
  await expect.poll(() => server.stats.current).toBe(0);
  const heapBefore = heapBytes();

  await openAndCloseMany(STREAMS - WARM_UP);

  await expect.poll(() => server.stats.current).toBe(0);
  await expect.poll(() => handles().length, { timeout: 10_000 }).toBeLessThanOrEqual(handlesBefore);
  expect(process.eventNames()).toHaveLength(listenersBefore);
  // 100 bytes a stream would be 0.8 MB; what the stand-in and the test keep is much less.
  expect(heapBytes() - heapBefore).toBeLessThan(800_000);
}, 120_000);
