/** Codes of Node, of its TLS and of `fetch`, in groups that need the same done about them. */
const FAULTS: readonly (readonly [RegExp, (host: string, variable: string) => string])[] = [
  [
    /^(ENOTFOUND|EAI_)/,
    (host, variable) =>
      `${host} has no address: check the name in ${variable}, and the DNS of this machine or cluster`,
  ],
  [
    /^ECONNREFUSED$/,
    (host, variable) =>
      `nothing listens at ${host}: start the server, or correct the host and port in ${variable}`,
  ],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|TimeoutError|AbortError)$/,
    (host, variable) =>
      `${host} does not answer: check ${variable}, and that firewalls and network policies let this machine through`,
  ],
  [
    /^CERT_NOT_YET_VALID$/,
    (host) =>
      `the certificate of ${host} is not valid yet: set this machine's clock, or renew the certificate`,
  ],
  [
    /^CERT_HAS_EXPIRED$/,
    (host) =>
      `the certificate of ${host} has expired: renew it, or set this machine's clock if that is wrong`,
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    (host, variable) =>
      `the certificate is not for ${host}: use in ${variable} a name that is in the certificate`,
  ],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/,
    (host) =>
      `the certificate of ${host} is of nobody whom this machine trusts: send the whole chain, or add your authority to the system's certificates and to NODE_EXTRA_CA_CERTS`,
  ],
  [
    /^(EPROTO|ERR_SSL_\w+)$/,
    (host, variable) =>
      `${host} does not speak TLS: use ws:// or http:// in ${variable}, or the port that has TLS`,
  ],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|HPE_\w+)$/,
    (host, variable) =>
      `${host} closes the connection or answers with something that is not HTTP: check the port in ${variable}, and whether it wants wss:// or https://`,
  ],
];

/**
 * @param error of `node:http`, `fetch` or a socket
 * @param variable that has the address
 * @returns what is wrong and what to do
 */
export function networkFault(error: unknown, address: URL, variable: string): string {
  const code = codeOf(error);
  const explain = FAULTS.find(([codes]) => codes.test(code))?.[1];
  return explain
    ? `${explain(address.host, variable)} (${code})`
    : `${address.host} cannot be reached (${code}): check ${variable} and the network`;
}

/** The innermost that is there: `fetch` says only that it failed, and why in its cause. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses were tried, each with an error of its own.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  if (inner instanceof Error) return codeOf(inner);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'Error' ? error.message : error.name;
}
