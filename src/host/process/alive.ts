import { z } from 'zod';

/** The RPC by which workers find out, through the server, whether a captioner's process is alive. */
export const ALIVE_METHOD = 'captions.alive';

const MOST_ROOMS = 1000;
/** Of a question, or its answer, in characters. */
const LONGEST = 64_000;
const question = z.object({ rooms: z.array(z.string()).max(MOST_ROOMS) });

const aliveAnswer = z.object({
  /** Of the rooms that were asked for, those that this process is not in. */
  missing: z.array(z.string()).max(MOST_ROOMS),
});
export type AliveAnswer = z.infer<typeof aliveAnswer>;

/**
 * @param payload JSON `{"rooms": [sid, …]}`
 * @param sids of the rooms that this process is in
 * @returns an `AliveAnswer` as JSON. It tells nothing that the caller does not know.
 * @throws ZodError, SyntaxError
 */
export function answerAlive(payload: string, sids: ReadonlySet<string>): string {
  if (payload.length > LONGEST) throw new SyntaxError('The question is too long.');
  const { rooms } = question.parse(JSON.parse(payload));
  const missing = rooms.filter((sid) => !sids.has(sid));
  return JSON.stringify({ missing } satisfies AliveAnswer);
}

/** @returns undefined for what no captioner answers */
export function readAlive(text: string): AliveAnswer | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    return aliveAnswer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
