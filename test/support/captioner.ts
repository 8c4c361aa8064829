import { Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { connectOptions, createLogger, loadConfig, RoomCaptioner } from '../../src/index.js';
import type { RoomCaptionerOptions } from '../../src/index.js';
import type { TestLiveKit } from './livekit.js';

export interface TestCaptionerOptions extends Pick<
  RoomCaptionerOptions,
  'openStream' | 'dispatchMetadata'
> {
  readonly room: string;
  /** What `SMALLEST_BASE_URL` is. */
  readonly pulseUrl: string;
  /** More variables. There is no transcript unless they say so. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A captioner of this process, in a room of a real server. */
export async function joinCaptioner(
  { url, apiKey, apiSecret }: TestLiveKit,
  { room, pulseUrl, env, ...options }: TestCaptionerOptions,
): Promise<{ end(): Promise<void> }> {
  const token = new AccessToken(apiKey, apiSecret, { identity: 'captions', name: 'Captions' });
  token.addGrant({ roomJoin: true, room, canUpdateOwnMetadata: true });
  token.kind = 'agent';
  const config = loadConfig({
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    SMALLEST_API_KEY: 'key',
    SMALLEST_BASE_URL: pulseUrl,
    TRANSCRIPT_DIR: '',
    // Tests see by the streams who is heard, also before anybody speaks.
    PULSE_GATE: 'off',
    ...env,
  });
  const connection = new Room();
  await connection.connect(url, await token.toJwt(), connectOptions(config.livekit.sharedKey));
  const captioner = new RoomCaptioner({
    room: connection,
    config,
    logger: createLogger('silent'),
    ...options,
  });
  await captioner.start();
  return {
    async end() {
      await captioner.end();
      await connection.disconnect();
    },
  };
}
