import { AccessToken } from 'livekit-server-sdk';
import { ensureLiveKitServer, startLiveKitServer } from '../livekit-server.js';

/** How a process reaches the LiveKit server of a benchmark. */
export interface LiveKitAccess {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** A LiveKit server of the benchmark's own, whose rooms end a second after the last person has left. */
export async function startBenchLiveKit(log: (line: string) => void, signal: AbortSignal) {
  const binary = await ensureLiveKitServer(log, signal);
  return startLiveKitServer({ binary, signal, emptyTimeout: 60, departureTimeout: 1 });
}

/** Without what cannot be sent to another process. */
export function accessOf({ url, apiKey, apiSecret }: LiveKitAccess): LiveKitAccess {
  return { url, apiKey, apiSecret };
}

/** A token for somebody who listens. */
export function listenerToken(
  access: LiveKitAccess,
  room: string,
  identity: string,
): Promise<string> {
  const token = new AccessToken(access.apiKey, access.apiSecret, { identity });
  token.addGrant({ roomJoin: true, room });
  return token.toJwt();
}
