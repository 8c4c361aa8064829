/** What the captioner says of itself in its attributes, and how the page puts it. Pure. */
export type CaptionerState =
  'absent' | 'starting' | 'live' | 'degraded' | 'paused' | 'failed' | 'unknown';

export interface Captioner {
  readonly state: CaptionerState;
  /** For people; empty where there is nothing to add. */
  readonly reason: string;
}

export interface Agent {
  readonly attributes: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly joinedAt: number;
}

const STATES: readonly CaptionerState[] = ['starting', 'live', 'degraded', 'paused', 'failed'];
const LONGEST_REASON = 300;

/** The state of the captioner among a room's agents. After a crash its ghost may still be listed: the newest counts. */
export function findCaptioner(agents: Iterable<Agent>): Captioner {
  const [newest] = [...agents]
    .filter(({ attributes }) => attributes['captions.v'] !== undefined)
    .sort((a, b) => b.joinedAt - a.joinedAt);
  if (!newest) return { state: 'absent', reason: '' };
  const given = newest.attributes['captions.state'];
  return {
    state: STATES.find((state) => state === given) ?? 'unknown',
    reason: (newest.attributes['captions.reason'] ?? '').trim().slice(0, LONGEST_REASON),
  };
}

export interface CaptionerTexts {
  /** Of the small sign at the top. */
  readonly label: string;
  /** In the place of captions while there are none. */
  readonly title: string;
  readonly text: string;
}

export function captionerTexts({ state, reason }: Captioner): CaptionerTexts {
  switch (state) {
    case 'absent':
      return {
        label: 'No captioner yet',
        title: 'Waiting for the captioner',
        text: 'It joins by itself a moment after the room opens. If it does not come, see whether the worker is running. “npm run demo” starts one.',
      };
    case 'starting':
      return {
        label: 'Captions are starting',
        title: 'The captioner is here and getting ready',
        text: 'It takes a few seconds.',
      };
    case 'live':
      return {
        label: 'Captions are on',
        title: 'Waiting for the first words',
        text: 'As soon as somebody speaks, what they say appears here.',
      };
    case 'degraded':
      return {
        label: 'Captions have trouble',
        title: 'Captions may be late or incomplete',
        text: reason || 'The captioner has a problem and goes on as well as it can.',
      };
    case 'paused':
      return {
        label: 'Captions are paused',
        title: 'Captions are paused',
        text: reason || 'Nothing is captioned until they are turned on again.',
      };
    case 'failed':
      return {
        label: 'Captions have stopped',
        title: 'There are no captions',
        text: reason || 'The captioner cannot go on. Its log says why.',
      };
    case 'unknown':
      return {
        label: 'The captioner is here',
        title: 'Waiting for the first words',
        text: 'What is said appears here.',
      };
    default:
      return state satisfies never;
  }
}
