import { EventEmitter, once } from 'node:events';
import type { Config } from '../config/config.js';
import { CAPTIONER_NAME, captionerIdentities } from '../host/identity.js';
import { Registration } from '../host/registration.js';
import { createLogger } from '../logging.js';

/** A job that was given to us: the way into a room. */
export interface ProbeJob {
  readonly identity: string;
  readonly token: string;
}

interface Events {
  registered: [version: string];
  assigned: [job: ProbeJob];
  error: [problem: Error];
}

/** A worker that takes one room: the one that is dispatched under its name, which nobody else has. */
export class ProbeWorker {
  readonly #events = new EventEmitter<Events>();
  readonly #registration: Registration;

  constructor({ livekit, worker }: Pick<Config, 'livekit' | 'worker'>, agentName: string) {
    const [identity] = captionerIdentities(agentName);
    // Whoever waits hears of it; afterwards nobody needs to.
    this.#events.on('error', () => undefined);
    this.#registration = new Registration(
      { livekit, worker: { ...worker, agentName } },
      {
        registered: (_id, version) => this.#events.emit('registered', version),
        disconnected: () => undefined,
        failed: (problem) => this.#events.emit('error', new Error(problem)),
        available: () => Promise.resolve({ identity, name: CAPTIONER_NAME, attributes: {} }),
        assigned: (_job, token) => this.#events.emit('assigned', { identity, token }),
        terminated: () => undefined,
      },
      createLogger('silent'),
    );
  }

  /**
   * @returns the server's version; empty where it does not say
   * @throws Error what is wrong and what to do
   */
  async register(signal: AbortSignal): Promise<string> {
    const registered = once(this.#events, 'registered', { signal }) as Promise<[string]>;
    this.#registration.open();
    const [version] = await registered;
    return version;
  }

  /** The job of the room that is made next; call it before. */
  async job(signal: AbortSignal): Promise<ProbeJob> {
    const [job] = (await once(this.#events, 'assigned', { signal })) as [ProbeJob];
    return job;
  }

  close(): void {
    this.#registration.close();
  }
}
