import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { RoomServiceClient } from 'livekit-server-sdk';
import { ensureLiveKitServer, startLiveKitServer } from '../livekit-server.js';
import { ensureModel } from '../model.js';
import { PageServerError } from '../page-server/errors.js';
import { startPageServer, type PageServer } from '../page-server.js';
import { startPulseServer } from '../pulse-server/index.js';
import { createMoonshineRecogniser } from '../pulse-server/moonshine/index.js';

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface LiveKit {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** A LiveKit server that is used, whoever started it. */
export interface LiveKitService extends LiveKit {
  /** Resolves when it has ended by itself; never for one that was not started here. */
  readonly exited: Promise<unknown>;
  /** Ends the rooms of a server that was started here, so that captioners finish their transcripts. */
  endRooms(): Promise<void>;
  close(): Promise<void>;
}

/** The one that `LIVEKIT_URL` names, else one of our own. */
export async function startLiveKit({ env, log, signal }: Surroundings): Promise<LiveKitService> {
  const theirs = configuredLiveKit(env);
  if (theirs) {
    log(`LiveKit: ${theirs.url}, from LIVEKIT_URL`);
    const nothing = () => Promise.resolve();
    return { ...theirs, exited: new Promise(() => undefined), endRooms: nothing, close: nothing };
  }
  const binary = await ensureLiveKitServer(log, signal);
  const mediaAddress = networkAddress();
  const server = await startLiveKitServer({
    binary,
    signal,
    ...(mediaAddress !== undefined && { mediaAddress }),
  });
  log(`LiveKit: ${server.url}`);
  const rooms = new RoomServiceClient(
    server.url.replace(/^ws/, 'http'),
    server.apiKey,
    server.apiSecret,
  );
  return {
    ...server,
    async endRooms() {
      for (const { name } of await rooms.listRooms()) await rooms.deleteRoom(name);
    },
    close: () => server.close(),
  };
}

function configuredLiveKit(env: NodeJS.ProcessEnv): LiveKit | undefined {
  const url = env['LIVEKIT_URL'];
  if (!url) return undefined;
  const [apiKey, apiSecret] = [env['LIVEKIT_API_KEY'], env['LIVEKIT_API_SECRET']];
  if (apiKey && apiSecret) return { url, apiKey, apiSecret };
  throw new Error('LIVEKIT_URL is set: set LIVEKIT_API_KEY and LIVEKIT_API_SECRET too, or none.');
}

/** The first address of this machine in a network. */
function networkAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
}

export interface PulseService {
  /** For the worker. */
  readonly env: { readonly SMALLEST_API_KEY: string; readonly SMALLEST_BASE_URL?: string };
  close(): Promise<void>;
}

/** Pulse itself where there is a key for it, else the local stand-in. */
export async function startPulse({ env, log, signal }: Surroundings): Promise<PulseService> {
  const key = env['SMALLEST_API_KEY'];
  if (key) {
    log('Recogniser: Pulse of Smallest.ai, with SMALLEST_API_KEY');
    return { env: { SMALLEST_API_KEY: key }, close: () => Promise.resolve() };
  }
  const recogniser = await createMoonshineRecogniser(await ensureModel(log, signal, env));
  const apiKey = `local-${randomBytes(12).toString('hex')}`;
  const server = await startPulseServer({ recogniser, apiKey, log });
  log(`Recogniser: a stand-in, not Pulse: ${recogniser.name} at ${server.url}`);
  return {
    env: { SMALLEST_API_KEY: apiKey, SMALLEST_BASE_URL: server.url },
    close: () => server.close(),
  };
}

const PAGE_PORT = 3000;

/** The meeting page on the port that was asked for, else on the usual one or any other. */
export async function startPage(
  { url, apiKey, apiSecret }: LiveKit,
  defaultRoom: string,
  port: number | undefined,
): Promise<PageServer> {
  const options = { livekitUrl: url, apiKey, apiSecret, defaultRoom };
  try {
    return await startPageServer({ ...options, port: port ?? PAGE_PORT });
  } catch (error) {
    const taken = error instanceof PageServerError && error.code === 'cannot_listen';
    if (!taken || port !== undefined) throw error;
    return startPageServer({ ...options, port: 0 });
  }
}
