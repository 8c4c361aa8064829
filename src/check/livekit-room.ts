import { randomUUID } from 'node:crypto';
import type { RoomServiceClient } from 'livekit-server-sdk';
import type { Config } from '../config/config.js';
import { LiveKitApi, RpcRefused } from '../host/livekit-api.js';
import { ALIVE_METHOD, answerAlive } from '../host/process/alive.js';
import {
  type CheckName,
  failed,
  ok,
  type Report,
  skipped,
  type Verdict,
  verdictOf,
  warning,
} from './finding.js';
import { checkMedia } from './media.js';
import { missingGrants } from './grants.js';
import { TestRoom } from './test-room.js';

const WORKER_MS = 10_000;
const ROOM_MS = 15_000;
const MEDIA_MS = 30_000;
const RPC_MS = 12_000;
/** The server itself waits 7 s for the participant. */
const CALL_MS = 8000;
/** The offer of a room comes in a quarter of a second, or not. */
const OFFER_MS = 8000;

/** A worker is registered, a room made, offered, joined, heard in and called, and taken away again. */
export async function checkRoom(
  config: Config,
  service: RoomServiceClient,
  report: Report,
): Promise<void> {
  const name = `captions-check-${randomUUID().slice(0, 8)}`;
  const room = new TestRoom(config, service, name);
  const steps: readonly [CheckName, number, (signal: AbortSignal) => Promise<Verdict>][] = [
    ['worker', WORKER_MS, (signal) => checkWorker(room, signal)],
    ['room', ROOM_MS, (signal) => checkOffer(room, signal)],
    ['media', MEDIA_MS, (signal) => checkMedia(room, signal)],
    ['rpc', RPC_MS, () => checkRpc(config, room)],
  ];
  let broken: CheckName | undefined;
  try {
    for (const [check, limitMs, look] of steps) {
      const verdict = broken ? skipped(`needs: ${broken}`) : await verdictOf(limitMs, look);
      if (verdict.level === 'failed') broken ??= check;
      report({ check, ...verdict });
    }
  } finally {
    await room.close();
  }
}

async function checkWorker(room: TestRoom, signal: AbortSignal): Promise<Verdict> {
  const version = await room.worker.register(signal);
  return ok(`registered with LiveKit ${version || 'of an unknown version'}`);
}

async function checkOffer(room: TestRoom, signal: AbortSignal): Promise<Verdict> {
  const job = await room.offered(AbortSignal.any([signal, AbortSignal.timeout(OFFER_MS)]));
  if (job === undefined) {
    return failed(
      'LiveKit registers workers and offers them no room: see its log for "agent", and that all of its nodes use the same Redis',
    );
  }
  const missing = missingGrants(job.token);
  if (missing.length > 0) {
    return failed(
      `LiveKit does not let a captioner ${missing.join(', ')}: allow agents in the server's or project's settings`,
    );
  }
  return ok('a room was made and offered, with all rights that a captioner needs');
}

async function checkRpc({ livekit, worker }: Config, room: TestRoom): Promise<Verdict> {
  const api = new LiveKitApi({ livekit, worker });
  const { identity = '' } = room.captioner.localParticipant ?? {};
  room.captioner.localParticipant?.registerRpcMethod(ALIVE_METHOD, ({ payload }) =>
    Promise.resolve(answerAlive(payload, new Set())),
  );
  try {
    await api.call(room.name, identity, ALIVE_METHOD, '{"rooms":[]}', CALL_MS);
    return ok('LiveKit calls a captioner: a dead one is replaced within seconds');
  } catch (error) {
    if (error instanceof RpcRefused && error.unsupported) {
      return warning(
        'this LiveKit cannot call participants: a dead captioner is replaced after 20 s rather than 5; update it to 1.10 or newer',
      );
    }
    const why = error instanceof Error ? error.message : String(error);
    return warning(
      `LiveKit could not call a captioner, so that a dead one is replaced late: see its log (${why})`,
    );
  }
}
