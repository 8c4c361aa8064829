import type { Captioner } from 'livekit-pulse-captions/client';

export interface CaptionerTexts {
  /** Of the small sign at the top. */
  readonly label: string;
  /** In the place of captions while there are none. */
  readonly title: string;
  readonly text: string;
}

/** How the page puts what the captioner says of itself. */
export function captionerTexts({
  state,
  reason,
}: Pick<Captioner, 'state' | 'reason'>): CaptionerTexts {
  switch (state) {
    case 'disconnected':
      return {
        label: 'Not connected',
        title: 'Not connected',
        text: 'Captions go on when you are in the room again.',
      };
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
