import type { TestContext } from 'vitest';
import { ensureModel } from '../../src/devkit/model.js';
import { createExactRecogniser } from '../../src/devkit/pulse-server/exact/index.js';
import { createMoonshineRecogniser } from '../../src/devkit/pulse-server/moonshine/index.js';
import {
  type PulseServer,
  type Recogniser,
  startPulseServer,
} from '../../src/devkit/pulse-server/index.js';
import { joinSpeaker, type Speaker, type SpeakerOptions } from '../../src/devkit/speaker.js';
import { Listener } from './listener.js';
import { startTestLiveKit, type TestLiveKit } from './livekit.js';
import { startTestWorker, surroundingsEnv, type TestWorker } from './worker.js';

const PULSE_KEY = 'key-of-the-test';

/** Real parts on this machine: LiveKit, a recogniser behind the Pulse protocol, built workers, people who speak. */
export interface Scene {
  readonly livekit: TestLiveKit;
  readonly pulse: PulseServer;
  /** What a worker needs to use the servers of this scene. */
  readonly workerEnv: Readonly<Record<string, string>>;
  /** Another worker, registered when this resolves. */
  startWorker(env?: Readonly<Record<string, string>>): Promise<TestWorker>;
  join(room: string, identity: string, options?: Partial<SpeakerOptions>): Promise<Speaker>;
  listen(room: string, identity?: string): Promise<Listener>;
  /** Ends all of it, in reverse order. */
  close(): Promise<void>;
}

/** @param recogniser default: the one that hears real speech */
export async function startScene(given?: Recogniser): Promise<Scene> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const livekit = await startTestLiveKit();
    opened.push(() => livekit.close());
    const recogniser = given ?? (await startMoonshine());
    const pulse = await startPulseServer({ recogniser, apiKey: PULSE_KEY });
    opened.push(() => pulse.close());
    const pulseAccess = { baseUrl: pulse.url, apiKey: PULSE_KEY };
    const workerEnv = surroundingsEnv({ livekit, pulse: pulseAccess });
    return {
      livekit,
      pulse,
      workerEnv,
      async startWorker(env = {}) {
        const worker = await startTestWorker({ env: { ...workerEnv, ...env } });
        opened.push(() => worker.close());
        await worker.ready();
        return worker;
      },
      async join(room, identity, options = {}) {
        const { url, apiKey, apiSecret } = livekit;
        const speaker = await joinSpeaker({ url, apiKey, apiSecret, room, identity, ...options });
        opened.push(() => speaker.hangUp());
        return speaker;
      },
      async listen(room, identity = 'listener') {
        const listener = await Listener.join(livekit.url, await livekit.token(room, identity));
        opened.push(() => listener.close());
        return listener;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A scene that ends with the test: for tests that run side by side. The recogniser hears exactly what was said. */
export async function sceneOf({
  onTestFinished,
}: Pick<TestContext, 'onTestFinished'>): Promise<Scene> {
  const scene = await startScene(createExactRecogniser());
  onTestFinished(() => scene.close());
  return scene;
}

async function startMoonshine(): Promise<Recogniser> {
  const model = await ensureModel((line) => {
    console.log(line);
  });
  return createMoonshineRecogniser(model);
}
