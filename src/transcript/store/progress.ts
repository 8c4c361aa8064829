import { z } from 'zod';

const count = z.int().nonnegative();

/** How far a transcript has come on its way to those who want it. */
const progressSchema = z.object({
  v: z.literal(1).default(1),
  /** Bytes of the journal that the store has in pieces. */
  sentBytes: count.default(0),
  /** Lines, and bytes, of the journal of which the webhook's receiver knows. */
  toldLines: count.default(0),
  toldBytes: count.default(0),
  /** What was made from the journal when the call was over: paths. */
  exports: z.array(z.string()).optional(),
  /** The store has all of it. */
  stored: z.boolean().default(false),
  /** Unix milliseconds: since when its call is known to be over. */
  ended: z.number().optional(),
  /** Grows when somebody else has changed the journal: what was made of it until then is to be made anew. */
  generation: count.default(0),
  /** The names of transcripts that were taken away: what is left of them anywhere is to go. */
  forgotten: z.array(z.string()).optional(),
});

export type Progress = Readonly<z.infer<typeof progressSchema>>;

export function progressSoFar(done: Partial<Progress>): Progress {
  return progressSchema.parse(done);
}

/** @param text of a marker; what is damaged begins anew */
export function parseProgress(text: string): Progress {
  try {
    return progressSchema.parse(JSON.parse(text));
  } catch {
    return progressSoFar({});
  }
}
