import { AccessError } from './problems.js';

export interface Access {
  /** Where LiveKit is. */
  readonly url: string;
  readonly token: string;
}

/** Asks the page's server for a way into a room. Throws `AccessError`, whose message is for the person. */
export async function requestAccess(room: string, name: string): Promise<Access> {
  const answer = await ask('/api/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ room, name }),
  });
  const { url, token } = answer;
  if (typeof url !== 'string' || typeof token !== 'string') throw strangeAnswer();
  return { url, token };
}

/** The room that the form proposes. */
export async function requestDefaultRoom(): Promise<string> {
  const { defaultRoom } = await ask('/api/config');
  if (typeof defaultRoom !== 'string') throw strangeAnswer();
  return defaultRoom;
}

async function ask(path: string, init?: RequestInit): Promise<Readonly<Record<string, unknown>>> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(10_000) });
  } catch (cause) {
    throw new AccessError('unreachable', 'The page’s server does not answer.', { cause });
  }
  const answer = asObject(await response.json().catch(() => undefined));
  if (response.ok && answer) return answer;
  const { code, message } = asObject(answer?.['error']) ?? {};
  if (typeof code !== 'string' || typeof message !== 'string') throw strangeAnswer();
  throw new AccessError(code, message);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function strangeAnswer(): AccessError {
  return new AccessError('strange_answer', 'The page’s server answered something unexpected.');
}
