/** The name that people see, and the permissions and attributes that every captioner of ours comes with. */
export const CAPTIONER_NAME = 'Captions';
/** Which room process a captioner is in; the others of its room processes' captioners can be told by it. */
export const PROCESS_ATTRIBUTE = 'captions.process';

/**
 * The identities of a room's captioner. They are the same for every worker, so that the server itself sees to it
 * that a room never has two: who joins with an identity puts out whoever had it, also one whose process died without
 * saying so. There are two because a successor has to be in the room beside the one it takes over from.
 */
export function captionerIdentities(agentName: string): readonly [string, string] {
  const base = agentName === '' ? 'captions' : `captions-${agentName}`;
  return [`${base}-1`, `${base}-2`];
}

/** The identity for whoever takes over from `identity`. */
export function successorOf(identity: string, agentName: string): string {
  const [first, second] = captionerIdentities(agentName);
  return identity === first ? second : first;
}

/** What a captioner's token says of it from the first moment. */
export function firstAttributes(process: string): Record<string, string> {
  return { 'captions.v': '1', 'captions.state': 'starting', [PROCESS_ATTRIBUTE]: process };
}
