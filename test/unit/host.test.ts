import { describe, expect, test } from 'vitest';
import { freeTcpPort } from '../../src/devkit/livekit-server/ports.js';
import { handoverMetadata, readDispatch } from '../../src/host/assignment.js';
import { HealthServer } from '../../src/host/health.js';
import { captionerIdentities, successorOf } from '../../src/host/identity.js';
import { MachineLoad, workerLoad } from '../../src/host/load.js';
import { answerAlive } from '../../src/host/process/alive.js';
import { retryDelayMs } from '../../src/host/retry.js';

describe('load', () => {
  const limits = { maxCpu: 0.8, maxStreams: 100 };
  test.each([
    ['nothing to do', { cpu: 0, memory: 0 }, 0, false],
    ['half of what it may', { cpu: 0.4, memory: 0.1 }, 10, false],
    ['no CPU left', { cpu: 0.8, memory: 0.1 }, 10, true],
    ['no memory left', { cpu: 0.1, memory: 0.85 }, 10, true],
    ['no stream left', { cpu: 0.1, memory: 0.1 }, 100, true],
  ])('%s', (_name, use, streams, full) => {
    const { load, full: isFull } = workerLoad(use, streams, limits);
    expect(isFull).toBe(full);
    // The server gives nothing to a worker from 0.7 on.
    expect(load < 0.7).toBe(!full);
  });

  test('grows with what is scarcest', () => {
    const load = (cpu: number, streams: number) =>
      workerLoad({ cpu, memory: 0.1 }, streams, limits).load;
    expect(load(0.4, 0)).toBeLessThan(load(0.6, 0));
    expect(load(0.4, 90)).toBeGreaterThan(load(0.6, 0));
  });

  test('a worker that CPU never fills is never full by it', () => {
    const busy = workerLoad({ cpu: 1, memory: 0.1 }, 0, { maxCpu: 1, maxStreams: undefined });
    expect(busy.full).toBe(false);
    expect(busy.load).toBeLessThan(0.7);
  });

  test('what is measured is a share', () => {
    const { cpu, memory } = new MachineLoad().measure();
    for (const share of [cpu, memory]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
    expect(memory).toBeGreaterThan(0);
  });
});

describe('identities', () => {
  test.each(['', 'by-name'])(
    'of agent name "%s" there are two, each the successor of the other',
    (name) => {
      const [first, second] = captionerIdentities(name);
      expect(first).not.toBe(second);
      expect(successorOf(first, name)).toBe(second);
      expect(successorOf(second, name)).toBe(first);
    },
  );

  test('workers of another name have others', () => {
    expect(captionerIdentities('a')).not.toEqual(captionerIdentities('b'));
  });
});

describe('dispatch metadata', () => {
  test.each(['', '{"captions":{"language":"fr"}}', 'no JSON', '{"captionsHandover":{"from":7}}'])(
    'of a user is left as it is: %s',
    (metadata) => expect(readDispatch(metadata)).toEqual({ metadata }),
  );

  test('of a handover says who is to be followed, and what the user had said', () => {
    const user = '{"captions":{"language":"fr"}}';
    expect(readDispatch(handoverMetadata('captions-1', user))).toEqual({
      metadata: user,
      succeeds: 'captions-1',
    });
  });
});

test('a process that is asked whether it lives names the rooms that it is not in, and no other', () => {
  const sids = new Set(['RM_a', 'RM_b']);
  expect(JSON.parse(answerAlive('{"rooms":["RM_a","RM_c"]}', sids))).toEqual({ missing: ['RM_c'] });
  for (const wrong of ['', '{}', '[]', '{"rooms":[1]}']) {
    expect(() => answerAlive(wrong, sids)).toThrow();
  }
});

test('waits between tries grow to ten seconds, and are never the same for all workers', () => {
  for (let failures = 1; failures < 30; failures += 1) {
    const [least, most] = [retryDelayMs(failures, 0), retryDelayMs(failures, 1)];
    expect(least).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(least);
    expect(most).toBeLessThanOrEqual(10_000);
    expect(retryDelayMs(failures + 1, 0.5)).toBeGreaterThanOrEqual(retryDelayMs(failures, 0.5));
  }
});

test('health: alive is not ready, and what is neither is not there', async () => {
  const port = await freeTcpPort();
  let ready = false;
  let measured = () => Promise.resolve('captions_rooms 1\n');
  const health = await HealthServer.open(port, {
    notReady: () => (ready ? undefined : 'not registered with LiveKit'),
    metrics: () => measured(),
  });
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  expect([await status('/healthz'), await status('/readyz'), await status('/')]).toEqual([
    200, 503, 404,
  ]);
  ready = true;
  expect(await status('/readyz')).toBe(200);
  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await metrics.text()).toBe('captions_rooms 1\n');
  measured = () => Promise.reject(new Error('out of memory'));
  expect(await status('/metrics')).toBe(500);
  await health.close();
  await health.close();
  await expect(status('/healthz')).rejects.toThrow();
});
