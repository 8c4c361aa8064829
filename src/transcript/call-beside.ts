import { dirname } from 'node:path';
import { callsOf } from './calls.js';
import { journalsIn } from './folder.js';

/**
 * The journals of a call that are in the folder of one of them.
 * @param journal path; it is among them
 * @returns paths by their beginnings, and the sids that the room had
 */
export async function callBeside(
  journal: string,
): Promise<{ readonly paths: readonly string[]; readonly sids: readonly string[] }> {
  const calls = callsOf(await journalsIn(dirname(journal)));
  const call = calls.find(({ parts }) => parts.some((part) => part.journal === journal));
  if (!call) return { paths: [journal], sids: [] };
  return { paths: call.parts.map((part) => part.journal), sids: call.sids };
}
