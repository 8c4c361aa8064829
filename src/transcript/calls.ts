/** What tells which call a journal is of. */
export interface JournalHead {
  /** Path or address. */
  readonly journal: string;
  readonly room: string;
  readonly sids: readonly string[];
  /** Unix milliseconds of its beginning and of its last line. */
  readonly from: number;
  readonly to: number;
}

/** The journals of one call, by their beginnings. */
export interface Call<Head extends JournalHead = JournalHead> {
  readonly room: string;
  readonly sids: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly parts: readonly Head[];
}

/**
 * More than a LiveKit server needs to come back, with a captioner that finds its room again; less than the time between
 * two meetings in a room of that name.
 */
const SAME_CALL_MS = 120_000;

/**
 * Which journals are of one call: those of rooms with the same name that share a sid, or of which one begins at most
 * two minutes after the last line of the others.
 * @returns by their beginnings
 */
export function callsOf<Head extends JournalHead>(heads: readonly Head[]): Call<Head>[] {
  const calls: { room: string; sids: Set<string>; from: number; to: number; parts: Head[] }[] = [];
  for (const head of heads.toSorted((one, other) => one.from - other.from)) {
    const call = calls.findLast(
      ({ room, sids, to }) =>
        room === head.room &&
        (head.from - to <= SAME_CALL_MS || head.sids.some((sid) => sids.has(sid))),
    );
    if (call) {
      call.parts.push(head);
      for (const sid of head.sids) call.sids.add(sid);
      call.to = Math.max(call.to, head.to);
    } else {
      const { room, sids, from, to } = head;
      calls.push({ room, sids: new Set(sids), from, to, parts: [head] });
    }
  }
  return calls.map((call) => ({ ...call, sids: [...call.sids] }));
}
