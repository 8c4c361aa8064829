import { AccessToken, RoomServiceClient, type VideoGrant } from 'livekit-server-sdk';
import {
  ensureLiveKitServer,
  startLiveKitServer,
  type LiveKitServer,
  type LiveKitServerOptions,
} from '../../src/devkit/livekit-server.js';

export interface TestLiveKit extends LiveKitServer {
  readonly rooms: RoomServiceClient;
  /** A token to join a room with. */
  token(room: string, identity: string, options?: TokenOptions): Promise<string>;
}

export interface TokenOptions {
  readonly name?: string;
  readonly attributes?: Record<string, string>;
  readonly grant?: VideoGrant;
}

/** A LiveKit server of this test's own on free ports. Rooms end a second after the last participant has left. */
export async function startTestLiveKit(
  options: Omit<LiveKitServerOptions, 'binary'> = {},
): Promise<TestLiveKit> {
  const binary = await ensureLiveKitServer((line) => {
    console.log(line);
  });
  const server = await startLiveKitServer({
    emptyTimeout: 30,
    departureTimeout: 1,
    ...options,
    binary,
  });
  const { apiKey, apiSecret } = server;
  return {
    ...server,
    rooms: new RoomServiceClient(server.url.replace(/^ws/, 'http'), apiKey, apiSecret),
    token(room, identity, { name = identity, attributes, grant } = {}) {
      const token = new AccessToken(apiKey, apiSecret, {
        identity,
        name,
        ...(attributes && { attributes }),
      });
      token.addGrant({ roomJoin: true, room, ...grant });
      return token.toJwt();
    },
  };
}
