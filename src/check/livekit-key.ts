import { RoomServiceClient } from 'livekit-server-sdk';
import type { Config } from '../config/config.js';
import { failed, ok, type Verdict } from './finding.js';

const REQUEST_S = 5;

/** A client of the server's room API, with the key that is to be checked. */
export function roomService({ url, apiKey, apiSecret }: Config['livekit']): RoomServiceClient {
  const base = url.replace(/^ws/, 'http').replace(/\/+$/, '');
  return new RoomServiceClient(base, apiKey, apiSecret, { requestTimeout: REQUEST_S });
}

/** Whether the server knows the key, and the secret fits. */
export async function checkKey(service: RoomServiceClient): Promise<Verdict> {
  try {
    await service.listRooms(['captions-check']);
    return ok('LiveKit takes the key and its secret');
  } catch (error) {
    return failed(refusal(error, 'list rooms'));
  }
}

/**
 * @param what was asked for
 * @returns what is wrong and what to do. The server's own words are not in it: they have the token.
 */
export function refusal(error: unknown, what: string): string {
  const said = error instanceof Error ? error.message : String(error);
  const status = error instanceof Error && 'status' in error ? Number(error.status) : undefined;
  if (/invalid API key/i.test(said)) {
    return 'LiveKit does not know LIVEKIT_API_KEY: copy it from the server, and see that LIVEKIT_URL is that server';
  }
  if (/signature/i.test(said)) {
    return 'LIVEKIT_API_SECRET is not the secret of LIVEKIT_API_KEY: copy both again';
  }
  if (/not valid yet|expired/i.test(said)) {
    return "LiveKit takes the key's tokens for too old or too new: set the clocks of both machines";
  }
  if (status === 401 || status === 403) {
    return `LiveKit does not let this key ${what} (${status}): use a key with all rights in its project`;
  }
  return status === undefined
    ? `LiveKit could not be asked to ${what}: check LIVEKIT_URL and the network`
    : `LiveKit does not ${what} (${status}): see the server's log, and that a proxy passes on /twirp`;
}
