import type { IncomingHttpHeaders } from 'node:http';
import { parseUrl } from '../../pulse/parse-url.js';
import { RequestError } from './errors.js';

/** Headers of every answer. `livekit` is the server that the page talks to, as a `ws:` or `wss:` URL. */
export function securityHeaders(
  livekit: URL,
  scriptHashes: readonly string[],
): Record<string, string> {
  const policy = [
    `default-src 'none'`,
    `script-src 'self' ${scriptHashes.join(' ')}`,
    `style-src 'self'`,
    `img-src 'self'`,
    `connect-src 'self' ${livekitSources(livekit).join(' ')}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types 'none'`,
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'microphone=(self), display-capture=(self), camera=(), geolocation=()',
  };
}

/** The client asks over HTTP why a socket was refused, and LiveKit Cloud sends it on to hosts of its regions. */
function livekitSources(livekit: URL): string[] {
  const hosts = [livekit.host];
  if (livekit.hostname.endsWith('.livekit.cloud')) hosts.push('*.livekit.cloud');
  const [socket, http] = livekit.protocol === 'wss:' ? ['wss', 'https'] : ['ws', 'http'];
  return hosts.flatMap((host) => [`${socket}://${host}`, `${http}://${host}`]);
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Throws where another site tries to use this server through somebody's browser: by a foreign name that it
 * points at this machine (DNS rebinding), or by a request across origins. Tokens are for our page alone.
 */
export function assertOwnRequest(headers: IncomingHttpHeaders, boundToLoopback: boolean): void {
  const hostname = parseUrl(`http://${headers.host ?? ''}`)?.hostname.replace(/^\[|\]$/g, '');
  if (!hostname || (boundToLoopback && !isLoopback(hostname))) {
    throw new RequestError(421, 'wrong_host', 'This server answers only to its own address.');
  }
  const { origin } = headers;
  if (origin !== undefined && parseUrl(origin)?.host !== headers.host) {
    throw new RequestError(403, 'wrong_origin', 'This server answers only to its own page.');
  }
}
