import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';

const LOOK_MS = 15_000;
const ANSWER_MS = 5000;

/** Whether Pulse's address takes connections, looked at every quarter of a minute: costs no stream, and no money. */
export class PulseReach {
  readonly #url: URL;
  readonly #onChange: (reachable: boolean) => void;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reachable: boolean | undefined;
  #closed = false;

  /** @param onChange called with the first look, and whenever it is otherwise */
  constructor(baseUrl: string, onChange: (reachable: boolean) => void) {
    this.#url = new URL(baseUrl);
    this.#onChange = onChange;
  }

  /** By the last look; false before the first. */
  get reachable(): boolean {
    return this.#reachable ?? false;
  }

  open(): void {
    this.#look();
  }

  /** May be called more than once. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #look(): void {
    const { protocol, port, hostname } = this.#url;
    const secure = protocol === 'https:';
    // The brackets of an IPv6 address belong to the URL.
    const host = hostname.replace(/^\[|\]$/g, '');
    const address = { host, port: Number(port) || (secure ? 443 : 80) };
    const socket = secure
      ? connectSecure({ ...address, ...(!isIP(host) && { servername: host }) })
      : connectPlain(address);
    this.#socket = socket;
    let connected = false;
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      connected = true;
      socket.destroy();
    });
    // The close that follows tells.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.#closed) return;
      if (connected !== this.#reachable) this.#onChange(connected);
      this.#reachable = connected;
      this.#timer = setTimeout(() => this.#look(), LOOK_MS);
    });
  }
}
