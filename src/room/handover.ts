import { type LocalParticipant, RpcError } from '@livekit/rtc-node';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { RoomClock } from '../audio/room-clock.js';
import type { PulsePosition } from '../pulse/recognised.js';

/**
 * How a captioner hands a room over to another that has come for it, in three calls of this RPC method:
 * `clock` tells how far the two machines' clocks are apart; `take` stops the old one, once its finals reach the time
 * from which the new one has the audio, and tells how far it came; `done` lets it leave. All times are Unix
 * milliseconds on the old one's clock.
 */
export const HANDOVER_METHOD = 'captions.handover';

export const handoverRequest = z.discriminatedUnion('step', [
  z.object({ step: z.literal('clock') }),
  z.object({
    step: z.literal('take'),
    tracks: z.array(z.object({ sid: z.string(), since: z.number() })).max(1000),
  }),
  z.object({ step: z.literal('done') }),
]);
export type HandoverRequest = z.infer<typeof handoverRequest>;

export const clockAnswer = z.object({ now: z.number() });
const word = z.object({ text: z.string(), start: z.number(), end: z.number() });
export const takeAnswer = z.object({
  tracks: z.array(z.object({ sid: z.string(), until: z.number().optional(), tail: z.array(word) })),
});

/** How long finals may take to come so far; the caller waits longer. */
const STOP_MS = 8000;
/** Servers tell of people who publish nothing every 3 s only. */
const KNOWN_MS = 5000;
const LOOK_MS = 50;
/** After it has stopped, the old captioner leaves also without being told. */
const LEAVE_MS = 5000;
/** Of a request, in characters: a thousand tracks. */
const LONGEST_REQUEST = 64_000;
const FORBIDDEN = 403;
const BAD_REQUEST = 400;

export interface HandoverOptions {
  readonly self: Pick<LocalParticipant, 'registerRpcMethod'>;
  /** Whether somebody is an agent, as only the backend can make them; undefined while we do not know of them. */
  readonly isAgent: (identity: string) => boolean | undefined;
  readonly clock: RoomClock;
  /** Stops captioning; times on the room's clock. */
  readonly stop: (
    since: ReadonlyMap<string, number>,
    limitMs: number,
  ) => Promise<ReadonlyMap<string, PulsePosition>>;
  /** The other one has all that it needs. */
  readonly done: () => void;
}

/** Answers `captions.handover` as long as the room lasts. */
export function serveHandover({ self, isAgent, clock, stop, done }: HandoverOptions): void {
  let leaving: NodeJS.Timeout | undefined;
  const take = async (since: ReadonlyMap<string, number>): Promise<string> => {
    const positions = await stop(since, STOP_MS);
    leaving ??= setTimeout(done, LEAVE_MS).unref();
    const tracks = Array.from(positions, ([sid, { until, tail }]) => ({
      sid,
      ...(until === undefined ? {} : { until: until + clock.epoch }),
      tail: tail.map(({ text, start, end }) => ({
        text,
        start: start + clock.epoch,
        end: end + clock.epoch,
      })),
    }));
    return JSON.stringify({ tracks } satisfies z.infer<typeof takeAnswer>);
  };
  self.registerRpcMethod(HANDOVER_METHOD, async ({ callerIdentity, payload }) => {
    if (!(await knownAsAgent(callerIdentity, isAgent))) {
      throw new RpcError(FORBIDDEN, 'Only another captioner can take over.');
    }
    const request = readRequest(payload);
    switch (request.step) {
      case 'clock':
        return JSON.stringify({ now: clock.epoch + clock.now() });
      case 'take':
        return take(new Map(request.tracks.map(({ sid, since }) => [sid, since - clock.epoch])));
      case 'done':
        // After the answer is on its way.
        setTimeout(done, 0);
        return '{}';
    }
  });
}

async function knownAsAgent(
  identity: string,
  isAgent: HandoverOptions['isAgent'],
): Promise<boolean> {
  const limit = performance.now() + KNOWN_MS;
  while (isAgent(identity) === undefined && performance.now() < limit) await delay(LOOK_MS);
  return isAgent(identity) ?? false;
}

function readRequest(payload: string): HandoverRequest {
  try {
    if (payload.length > LONGEST_REQUEST) throw new SyntaxError('too long');
    return handoverRequest.parse(JSON.parse(payload));
  } catch {
    throw new RpcError(BAD_REQUEST, 'This is not a step of a handover.');
  }
}
