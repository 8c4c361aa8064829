import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { failed, ok, type Verdict, warning } from './finding.js';
import { networkFault } from './network-fault.js';

/** When the server answered, by its clock and ours; Unix milliseconds. */
export interface ServerTime {
  /** To the second, as the HTTP header has it; undefined where it has none. */
  readonly date: number | undefined;
  readonly askedAt: number;
  readonly answeredAt: number;
}

export interface AddressVerdict {
  readonly verdict: Verdict;
  /** Undefined where nobody answered. */
  readonly time?: ServerTime;
}

/** DNS, TCP, TLS and HTTP in one: what LiveKit says at `/`. */
export async function checkAddress(url: string, signal: AbortSignal): Promise<AddressVerdict> {
  const address = new URL(url.replace(/^ws/, 'http'));
  try {
    const { status, location, time } = await ask(address, signal);
    const ms = time.answeredAt - time.askedAt;
    return { verdict: addressVerdict(address, status, location, ms), time };
  } catch (error) {
    return { verdict: failed(networkFault(error, address, 'LIVEKIT_URL')) };
  }
}

function addressVerdict(
  { host }: URL,
  status: number,
  location: string | undefined,
  ms: number,
): Verdict {
  if (status === 200) return ok(`${host} answers in ${ms} ms`);
  if (status >= 300 && status < 400 && location !== undefined) {
    const to = location.replace(/^http/, 'ws').slice(0, 200);
    return failed(`${host} sends to another place: set LIVEKIT_URL to ${to}`);
  }
  return warning(
    `${host} answers with status ${status}, LiveKit with 200: check that LIVEKIT_URL is LiveKit's address, and that the proxy before it passes on every path`,
  );
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly time: ServerTime;
}

function ask(address: URL, signal: AbortSignal): Promise<Answer> {
  const request = address.protocol === 'https:' ? requestHttps : requestHttp;
  const askedAt = Date.now();
  return new Promise((resolve, reject) => {
    // A connection of its own, which is gone with the answer.
    request(address, { agent: false, signal }, (response) => {
      const { statusCode = 0, headers } = response;
      response.destroy();
      const date = Date.parse(headers.date ?? '');
      resolve({
        status: statusCode,
        location: headers.location,
        time: {
          date: Number.isNaN(date) ? undefined : date,
          askedAt,
          answeredAt: Date.now(),
        },
      });
    })
      .on('error', reject)
      .end();
  });
}
