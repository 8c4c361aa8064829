import type { Room } from '@livekit/rtc-node';

/** How media comes from the server. */
export interface MediaPath {
  readonly protocol: string;
  /** The server's, with port. */
  readonly address: string;
  readonly relayed: boolean;
  readonly roundTripMs: number | undefined;
}

type SessionStats = Awaited<ReturnType<Room['getRtcStats']>>;

/** `IceCandidateType.RELAY` of the bindings, which do not export it. */
const RELAY = 3;

/** @returns undefined where the statistics do not tell */
export function mediaPath(stats: SessionStats): MediaPath | undefined {
  const all = [...stats.subscriberStats, ...stats.publisherStats].map(({ stats }) => stats);
  const candidates = new Map(
    all.flatMap((one) =>
      one.case === 'localCandidate' || one.case === 'remoteCandidate'
        ? [[one.value.rtc?.id, one.value.candidate] as const]
        : [],
    ),
  );
  const pairs = all.flatMap((one) =>
    one.case === 'candidatePair' && one.value.candidatePair?.nominated
      ? [one.value.candidatePair]
      : [],
  );
  // The one that the audio came by.
  const pair = pairs.sort((a, b) => Number((b.bytesReceived ?? 0n) - (a.bytesReceived ?? 0n)))[0];
  const local = candidates.get(pair?.localCandidateId);
  const remote = candidates.get(pair?.remoteCandidateId);
  if (!pair || !local?.protocol || !remote) return undefined;
  const trip = pair.currentRoundTripTime;
  return {
    protocol: local.protocol,
    address: `${remote.address ?? ''}:${remote.port ?? ''}`,
    relayed: Number(local.candidateType) === RELAY || Number(remote.candidateType) === RELAY,
    roundTripMs: trip === undefined ? undefined : Math.round(trip * 1000),
  };
}
