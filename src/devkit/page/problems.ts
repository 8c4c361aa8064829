/** What went wrong, in words for the person at the page. Pure. */
export interface Problem {
  readonly title: string;
  /** What they can do. */
  readonly advice: string;
}

/** The page's own server refused or did not answer. */
export class AccessError extends Error {
  override readonly name = 'AccessError';

  constructor(
    /** As the server names it, or `unreachable`. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function joinProblem(error: unknown): Problem {
  if (error instanceof AccessError) {
    return error.code === 'unreachable'
      ? {
          title: 'This page’s own server does not answer.',
          advice:
            'It has probably been stopped. Start it again (npm run demo), then try once more.',
        }
      : { title: 'You cannot join like this.', advice: error.message };
  }
  return {
    title: 'The LiveKit server did not let you in.',
    advice: `See that it is running and can be reached from this browser, then try again. It said: ${messageOf(error)}`,
  };
}

export function microphoneProblem(error: unknown): Problem {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        title: 'The browser did not allow the microphone.',
        advice:
          'You can go on reading and listening. To speak, allow the microphone for this page in the browser’s address bar, then choose Unmute.',
      };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return {
        title: 'No microphone was found.',
        advice: 'Connect one and choose Unmute. You can read and listen without it.',
      };
    case 'NotReadableError':
    case 'AbortError':
      return {
        title: 'The microphone cannot be used.',
        advice: 'Another program may hold it. Close that one and choose Unmute.',
      };
    case 'InsecureContextError':
      return {
        title: 'The browser gives this page no microphone.',
        advice:
          'Browsers do so only for pages on https or on this same computer. Open the page there to speak.',
      };
    default:
      return {
        title: 'The microphone could not be turned on.',
        advice: `Choose Unmute to try again. The browser said: ${messageOf(error)}`,
      };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'nothing';
}

export type EndReason = 'removed' | 'closed' | 'lost';

export function endProblem(reason: EndReason): Problem {
  switch (reason) {
    case 'removed':
      return {
        title: 'You were removed from the meeting.',
        advice: 'What was said stays here until you leave this page.',
      };
    case 'closed':
      return {
        title: 'The meeting was ended.',
        advice: 'What was said stays here until you leave this page.',
      };
    case 'lost':
      return {
        title: 'The connection was lost.',
        advice:
          'What was said stays here. See that the LiveKit server is running, then join again.',
      };
    default:
      return reason satisfies never;
  }
}

export const reconnectingProblem: Problem = {
  title: 'The connection was interrupted.',
  advice: 'Trying to get it back. Words that are said in between may be missing.',
};
