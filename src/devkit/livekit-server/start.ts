import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RoomServiceClient } from 'livekit-server-sdk';
import { startOwned, type OwnedProcess } from '../process.js';
import { LiveKitServerError } from './errors.js';
import { freeTcpPort, freeUdpPort } from './ports.js';

export interface LiveKitServerOptions {
  /** Path of the program, from `ensureLiveKitServer`. */
  readonly binary: string;
  /** For HTTP and WebSocket. Default: a free one. A server that is to come back after `close` needs the same. */
  readonly port?: number;
  /** Default: made up anew. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** `host:port` of the Redis through which several servers are one. */
  readonly redis?: string;
  /**
   * An address of this machine on which media is offered besides loopback: Firefox refuses to send any to
   * 127.0.0.1.
   */
  readonly mediaAddress?: string;
  /**
   * How media may come: by UDP (the default), by TCP alone, as through a firewall, or not at all, by an address that
   * nobody has.
   */
  readonly media?: 'udp' | 'tcp' | 'none';
  /** Seconds that a room stays open before the first participant and after the last one. */
  readonly emptyTimeout?: number;
  readonly departureTimeout?: number;
  readonly signal?: AbortSignal;
}

/** A LiveKit server on loopback that lasts at most as long as this process. */
export interface LiveKitServer {
  /** `ws://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly pid: number | undefined;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<unknown>;
  lastLines(): string;
  /** Kills it (a server that is asked politely waits until everybody has left). Idempotent. */
  close(): Promise<void>;
}

const ATTEMPTS = 5;
const READY_TIMEOUT_MS = 20_000;
const PORT_TAKEN = /address already in use|only one usage of each socket address/i;

/** @throws LiveKitServerError when it does not come up, with the last lines that it printed. */
export async function startLiveKitServer(options: LiveKitServerOptions): Promise<LiveKitServer> {
  for (let attempt = 1; ; attempt += 1) {
    options.signal?.throwIfAborted();
    const { server, program } = await launch(options);
    if (await ready(server, program, options.signal)) return server;
    const lines = program.lastLines();
    await program.kill();
    options.signal?.throwIfAborted();
    // Between finding a free port and binding it somebody else may have taken it.
    if (PORT_TAKEN.test(lines) && attempt < ATTEMPTS) continue;
    throw new LiveKitServerError(
      'LIVEKIT_DID_NOT_START',
      `LiveKit server (${options.binary}) did not start. It said:\n${lines || '(nothing)'}`,
    );
  }
}

async function launch(
  options: LiveKitServerOptions,
): Promise<{ server: LiveKitServer; program: OwnedProcess }> {
  const port = options.port ?? (await freeTcpPort());
  const apiKey = options.apiKey ?? `API${randomBytes(6).toString('hex')}`;
  const apiSecret = options.apiSecret ?? randomBytes(32).toString('hex');
  const config = {
    port,
    bind_addresses: ['127.0.0.1'],
    rtc: await mediaConfig(options),
    keys: { [apiKey]: apiSecret },
    room: {
      enable_remote_unmute: true,
      ...(options.emptyTimeout !== undefined && { empty_timeout: options.emptyTimeout }),
      ...(options.departureTimeout !== undefined && {
        departure_timeout: options.departureTimeout,
      }),
    },
    ...(options.redis !== undefined && { redis: { address: options.redis } }),
    logging: { level: 'error' },
  };
  // In the environment, not as an argument: the secret is not for everybody who lists processes.
  const program = startOwned(options.binary, [], {
    env: { ...inheritedEnv(), LIVEKIT_CONFIG: JSON.stringify(config) },
  });
  const server = {
    url: `ws://127.0.0.1:${port}`,
    port,
    apiKey,
    apiSecret,
    pid: program.pid,
    exited: program.exited,
    lastLines: () => program.lastLines(),
    close: () => program.kill(),
  };
  return { server, program };
}

/** Documentation's own network (RFC 5737): packets to it go nowhere. */
const NOWHERE = '192.0.2.1';

/** All media goes through one port, on loopback alone unless told otherwise. */
async function mediaConfig({ mediaAddress, media = 'udp' }: LiveKitServerOptions) {
  const ports = {
    udp_port: await freeUdpPort(),
    tcp_port: media === 'tcp' ? await freeTcpPort() : 0,
    use_external_ip: false,
  };
  if (media === 'none') {
    return { ...ports, node_ip: NOWHERE, ips: { includes: [`${NOWHERE}/32`] } };
  }
  return {
    ...ports,
    ...(media === 'tcp' && { force_tcp: true }),
    enable_loopback_candidate: true,
    // `node_ip` would be offered in place of all others.
    ...(mediaAddress === undefined
      ? { node_ip: '127.0.0.1', ips: { includes: ['127.0.0.1/32'] } }
      : { ips: { includes: ['127.0.0.1/32', `${mediaAddress}/32`] } }),
  };
}

/** Ours, without the variables by which somebody configures another LiveKit server. */
function inheritedEnv(): NodeJS.ProcessEnv {
  const own = /^(LIVEKIT_|REDIS_|NODE_IP$|UDP_PORT$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

/**
 * True when it answers to its own key, which no other server that has the port would; false when it has ended
 * or takes too long.
 */
async function ready(
  server: LiveKitServer,
  program: OwnedProcess,
  signal?: AbortSignal,
): Promise<boolean> {
  const client = new RoomServiceClient(
    `http://127.0.0.1:${server.port}`,
    server.apiKey,
    server.apiSecret,
    { requestTimeout: 2 },
  );
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (program.running && Date.now() < deadline && !signal?.aborted) {
    try {
      await client.listRooms();
      return true;
    } catch {
      await sleep(30);
    }
  }
  return false;
}
