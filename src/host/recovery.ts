import type { Logger } from '../logging.js';
import { HostError } from './errors.js';
import { captionerIdentities } from './identity.js';
import { type KnownRoom, type LiveKitApi, RpcRefused } from './livekit-api.js';
import { ALIVE_METHOD, readAlive } from './process/alive.js';

export interface RecoveryOptions {
  readonly api: LiveKitApi;
  readonly agentName: string;
  /** Whether this worker has a captioner in a room, or on its way there. */
  readonly isOurs: (room: string) => boolean;
  readonly mayJoin: () => boolean;
  readonly join: (room: KnownRoom, identity: string, metadata: string) => Promise<void>;
  readonly logger: Logger;
}

/** Between two rounds, half of it at random, so that workers do not look at the same moment. */
const ROUND_MS = 4000;
/** The dispatch that comes with a new room is given that long. */
const YOUNG_MS = 6000;
const ALIVE_MS = 2000;
/** Questions that were not answered, in a row: then a process counts as dead. */
const STRIKES = 2;
/** Rooms that are looked at in one round, and at the same time. */
const MAX_LOOKS = 100;
const LOOKS_AT_ONCE = 8;
/** Rooms of which one question can ask: its payload is bounded. */
const MAX_ASKED = 300;
/** A room that is not ours to caption may become so by a dispatch that finds no worker. */
const LOOK_AGAIN_MS = [5000, 10_000, 20_000, 40_000, 60_000] as const;

/** A room that another captioner is in, as we last saw it. */
interface Foreign {
  readonly room: KnownRoom;
  readonly identity: string;
  readonly process: string;
}

/**
 * Finds rooms that are to have captions and have none: the server asks for each only once, and never again when all
 * workers were full, or away, or when one has died. One call tells the rooms; who is in a room is asked once; and of
 * the captioners of others, one of each process is asked whether it is alive.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  /** By the room's sid. */
  readonly #foreign = new Map<string, Foreign>();
  /** Rooms that we need not look at before a time. */
  readonly #quiet = new Map<string, { readonly until: number; readonly looks: number }>();
  /** Names of rooms that we should take and may not, by sid. */
  readonly #uncaptioned = new Map<string, string>();
  /** By process. */
  readonly #strikes = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #working = false;
  #again = false;
  #closed = false;
  #failing = false;
  #canAsk = true;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** How many rooms that are to have captions have none, because we may take no more. */
  get uncaptioned(): number {
    const { isOurs } = this.#options;
    const rooms = [...this.#uncaptioned];
    return rooms.filter(([sid, name]) => !isOurs(name) && !this.#foreign.has(sid)).length;
  }

  open(): void {
    this.soon();
  }

  /** Looks now, without waiting for the next round. */
  soon(): void {
    if (this.#closed) return;
    if (this.#working) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    void this.#round();
  }

  close(): void {
    this.#closed = true;
    this.#uncaptioned.clear();
    clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    this.#working = true;
    try {
      await this.#look();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) {
        this.#options.logger.warn(
          { err: error },
          'LiveKit does not say which rooms there are: rooms without captions are not found until it does',
        );
      }
      this.#failing = true;
    } finally {
      this.#working = false;
    }
    if (this.#closed) return;
    const wait = this.#again ? 0 : ROUND_MS * (0.5 + Math.random() / 2);
    this.#again = false;
    this.#timer = setTimeout(() => this.soon(), wait);
  }

  async #look(): Promise<void> {
    const { api, isOurs } = this.#options;
    const rooms = await api.rooms();
    this.#prune(new Set(rooms.map(({ sid }) => sid)));
    const dead = await this.#findDead();
    const now = Date.now();
    const unknown = rooms.filter(
      ({ name, sid, createdAt }) =>
        !isOurs(name) &&
        !this.#foreign.has(sid) &&
        now - createdAt > YOUNG_MS &&
        (this.#quiet.get(sid)?.until ?? 0) <= now,
    );
    // Everybody looks at the same rooms: in another order they seldom do at the same time.
    const order = shuffled(unknown).slice(0, MAX_LOOKS);
    await inParallel(LOOKS_AT_ONCE, [
      ...dead.map(
        ({ room, identity }) =>
          () =>
            this.#takeOver(room, identity),
      ),
      ...order.map((room) => () => this.#consider(room)),
    ]);
  }

  /** Joins where captions are wanted and nobody makes them. */
  async #consider(room: KnownRoom): Promise<void> {
    const { api, agentName, isOurs, join, mayJoin } = this.#options;
    const { captioners, people } = await api.presence(room.name);
    this.#uncaptioned.delete(room.sid);
    const [captioner] = captioners;
    if (captioner) {
      const { identity } = captioner;
      const process = captioner.process || `${room.sid} ${identity}`;
      this.#foreign.set(room.sid, { room, identity, process });
      return;
    }
    const dispatch = people ? await api.dispatchIn(room.name) : undefined;
    if (!dispatch) {
      this.#rest(room.sid, people);
      return;
    }
    if (this.#closed || isOurs(room.name)) return;
    if (!mayJoin()) {
      this.#uncaptioned.set(room.sid, room.name);
      return;
    }
    this.#options.logger.info({ room: room.sid }, 'a room without captions: joining');
    await join(room, captionerIdentities(agentName)[0], dispatch.metadata);
  }

  /** Of a process that does not answer: whoever joins as one of its captioners puts that one out. */
  async #takeOver(room: KnownRoom, identity: string): Promise<void> {
    const { api, join, mayJoin } = this.#options;
    const { captioners, people } = await api.presence(room.name);
    this.#foreign.delete(room.sid);
    if (!people || !captioners.some((one) => one.identity === identity)) return;
    const dispatch = await api.dispatchIn(room.name);
    if (this.#closed || !dispatch || !mayJoin()) return;
    this.#options.logger.warn({ room: room.sid }, "a room's captioner is dead: taking over");
    await join(room, identity, dispatch.metadata);
  }

  /** @returns the rooms of processes that do not answer any more */
  async #findDead(): Promise<Foreign[]> {
    const byProcess = grouped(this.#foreign.values());
    const dead: Foreign[] = [];
    const questions = Array.from(byProcess, ([process, rooms]) => async () => {
      if (await this.#isAlive(rooms)) {
        this.#strikes.delete(process);
        return;
      }
      const strikes = (this.#strikes.get(process) ?? 0) + 1;
      this.#strikes.set(process, strikes);
      if (strikes < STRIKES) {
        this.#again = true;
        return;
      }
      this.#strikes.delete(process);
      dead.push(...rooms);
    });
    await inParallel(LOOKS_AT_ONCE, questions);
    return dead;
  }

  /** Also forgets the rooms that the process says it is not in. */
  async #isAlive(rooms: readonly Foreign[]): Promise<boolean> {
    if (!this.#canAsk) return true;
    const asked = shuffled(rooms).slice(0, MAX_ASKED);
    const [sample] = asked;
    if (!sample) return true;
    const { room, identity } = sample;
    const question = JSON.stringify({ rooms: asked.map((one) => one.room.sid) });
    try {
      const text = await this.#options.api.call(
        room.name,
        identity,
        ALIVE_METHOD,
        question,
        ALIVE_MS,
      );
      const answer = readAlive(text);
      for (const sid of answer?.missing ?? []) this.#foreign.delete(sid);
      // Who answers something else is none of ours.
      return answer !== undefined;
    } catch (error) {
      if (error instanceof RpcRefused && error.unsupported) {
        this.#canAsk = false;
        this.#options.logger.warn(
          'this LiveKit server is too old to ask captioners whether they are alive: after a crash it takes up to half a minute longer until captions are back',
        );
        return true;
      }
      // It has left that room: who is there now is asked again.
      if (error instanceof RpcRefused && error.reason === 'not_found') {
        this.#foreign.delete(room.sid);
        return true;
      }
      const unanswered = error instanceof HostError || isTimeout(error);
      if (!unanswered) throw error;
      return false;
    }
  }

  #rest(sid: string, people: boolean): void {
    const looks = people ? (this.#quiet.get(sid)?.looks ?? 0) : 0;
    const wait = LOOK_AGAIN_MS[Math.min(looks, LOOK_AGAIN_MS.length - 1)] ?? 0;
    this.#quiet.set(sid, { until: Date.now() + wait, looks: looks + 1 });
  }

  #prune(present: ReadonlySet<string>): void {
    for (const sid of this.#foreign.keys()) if (!present.has(sid)) this.#foreign.delete(sid);
    for (const sid of this.#quiet.keys()) if (!present.has(sid)) this.#quiet.delete(sid);
    for (const sid of this.#uncaptioned.keys()) {
      if (!present.has(sid)) this.#uncaptioned.delete(sid);
    }
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}

function grouped(rooms: Iterable<Foreign>): Map<string, Foreign[]> {
  const groups = new Map<string, Foreign[]>();
  for (const foreign of rooms) {
    const group = groups.get(foreign.process);
    if (group) group.push(foreign);
    else groups.set(foreign.process, [foreign]);
  }
  return groups;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}

async function inParallel(limit: number, tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = tasks.values();
  const lane = async () => {
    for (const task of queue) await task();
  };
  await Promise.all(Array.from({ length: Math.min(limit, tasks.length) }, lane));
}
