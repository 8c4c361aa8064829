import { z } from 'zod';

/** What a captioner does, by the grant that it needs, and what holds where a token does not say. */
const NEEDED = [
  ['roomJoin', 'join a room (roomJoin)', false],
  ['canSubscribe', 'hear people (canSubscribe)', true],
  ['canPublishData', 'send captions (canPublishData)', true],
  ['canUpdateOwnMetadata', 'say how it is (canUpdateOwnMetadata)', false],
  ['agent', 'speak for others, as captions do (agent)', false],
] as const;

const claims = z.object({ video: z.record(z.string(), z.unknown()) });

/**
 * @param token that the server made for a captioner
 * @returns what it does not allow, in words; empty when all is there, or when the token cannot be read
 */
export function missingGrants(token: string): string[] {
  const payload = token.split('.')[1] ?? '';
  const parsed = claims.safeParse(parse(Buffer.from(payload, 'base64url').toString('utf8')));
  if (!parsed.success) return [];
  const { video } = parsed.data;
  return NEEDED.filter(([grant, , fallback]) => (video[grant] ?? fallback) !== true).map(
    ([, words]) => words,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
