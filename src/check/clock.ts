import { failed, ok, type Verdict, warning } from './finding.js';
import type { ServerTime } from './livekit-address.js';

/** LiveKit takes a token this long before its time; other receivers of what is signed here take less. */
const REFUSED_MS = 60_000;
const NOTABLE_MS = 5000;

const SET_IT = 'let both machines take their time by NTP (timedatectl set-ntp true)';

/** How far this machine's clock is from the server's: tokens are valid by the clock of whoever reads them. */
export function clockVerdict({ date, askedAt, answeredAt }: ServerTime): Verdict {
  if (date === undefined) {
    return warning('LiveKit does not say what time it is: compare the clocks yourself');
  }
  // The header leaves out what is below a second.
  const theirs = date + 500;
  const ours = (askedAt + answeredAt) / 2;
  const uncertain = 500 + (answeredAt - askedAt) / 2;
  const off = Math.abs(ours - theirs);
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const size = `${seconds(off)} s ± ${seconds(uncertain)} s`;
  const where = `${size} ${ours > theirs ? 'ahead of' : 'behind'} LiveKit's`;
  if (off - uncertain > REFUSED_MS) {
    return failed(`${where}: tokens that are made here are not valid there; ${SET_IT}`);
  }
  if (off - uncertain > NOTABLE_MS) return warning(`${where}: ${SET_IT}`);
  return ok(off <= uncertain ? `the same as LiveKit's, ± ${seconds(uncertain)} s` : where);
}
