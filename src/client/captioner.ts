/** What the captioner says of itself in its attributes. */
export type CaptionerState =
  'disconnected' | 'absent' | 'starting' | 'live' | 'degraded' | 'paused' | 'failed' | 'unknown';

export interface Captioner {
  /** `disconnected`: we are not in the room. `absent`: nobody captions it. `unknown`: a state of a later version. */
  readonly state: CaptionerState;
  /** For people; empty where there is nothing to add. */
  readonly reason: string;
  /** Codes of the languages that are listened for; empty where it does not say. */
  readonly languages: readonly string[];
  /** Empty when there is none. */
  readonly identity: string;
}

export interface Agent {
  readonly identity: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly joinedAt: number;
}

const STATES: readonly CaptionerState[] = ['starting', 'live', 'degraded', 'paused', 'failed'];
const LONGEST_REASON = 300;
const MOST_LANGUAGES = 100;

export function noCaptioner(state: 'disconnected' | 'absent'): Captioner {
  return { state, reason: '', languages: [], identity: '' };
}

/** The captioner among a room's agents. After a crash its ghost may still be listed: the newest counts. */
export function findCaptioner(agents: Iterable<Agent>): Captioner {
  const [newest] = [...agents]
    .filter(({ attributes }) => attributes['captions.v'] !== undefined)
    .sort((a, b) => b.joinedAt - a.joinedAt);
  if (!newest) return noCaptioner('absent');
  const { attributes, identity } = newest;
  const given = attributes['captions.state'];
  return {
    state: STATES.find((state) => state === given) ?? 'unknown',
    reason: (attributes['captions.reason'] ?? '').trim().slice(0, LONGEST_REASON),
    languages: (attributes['captions.languages'] ?? '')
      .split(/[\s,]+/)
      .filter((code) => /^[a-z][a-z_-]{1,30}$/i.test(code))
      .slice(0, MOST_LANGUAGES),
    identity,
  };
}
