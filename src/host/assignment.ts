import { z } from 'zod';

/** One captioner that is to be in one room. */
export interface Assignment {
  readonly room: { readonly name: string; readonly sid: string };
  readonly identity: string;
  /** Joins the room as that identity. Secret. */
  readonly token: string;
  /** The dispatch's metadata as it came; empty when there is none. */
  readonly metadata: string;
  /** The identity of the captioner in the room that it takes over from. */
  readonly succeeds?: string | undefined;
}

/** The dispatch by which a captioner is handed over: whose room it is, and what the first dispatch said. */
const handover = z.object({
  captionsHandover: z.object({ from: z.string().min(1).max(256), metadata: z.string() }),
});

/** More than LiveKit takes as metadata. */
const LONGEST = 512 * 1024;

/** The metadata of the dispatch that asks another worker to take over. */
export function handoverMetadata(from: string, metadata: string): string {
  return JSON.stringify({
    captionsHandover: { from, metadata },
  } satisfies z.infer<typeof handover>);
}

/** Tells the dispatches of users from those by which captioners are handed over. */
export function readDispatch(metadata: string): { metadata: string; succeeds?: string } {
  if (metadata.length > LONGEST || !metadata.includes('captionsHandover')) return { metadata };
  try {
    const { captionsHandover } = handover.parse(JSON.parse(metadata));
    return { metadata: captionsHandover.metadata, succeeds: captionsHandover.from };
  } catch {
    return { metadata };
  }
}
