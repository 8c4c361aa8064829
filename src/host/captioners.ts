import type { RoomProcess } from './room-process.js';

/** A captioner that this worker has in a room, or on its way there. */
export interface Captioner {
  readonly room: { readonly name: string; readonly sid: string };
  readonly identity: string;
  /** The dispatch's. */
  readonly metadata: string;
  readonly process: RoomProcess;
  /** The job that the server gave; none where the worker came by itself. */
  readonly job: { readonly id: string; readonly dispatchId: string } | undefined;
  /** `reserved`: accepted, and not assigned yet. */
  state: 'reserved' | 'joining' | 'live';
}

/** All captioners of this worker, by room and identity. In a handover a room has two. */
export class Captioners {
  readonly #all = new Map<string, Captioner>();

  get size(): number {
    return this.#all.size;
  }

  get joining(): number {
    return [...this.#all.values()].filter(({ state }) => state !== 'live').length;
  }

  [Symbol.iterator](): Iterator<Captioner> {
    return this.#all.values();
  }

  add(captioner: Captioner): void {
    this.#all.set(key(captioner.room.name, captioner.identity), captioner);
  }

  get(room: string, identity: string): Captioner | undefined {
    return this.#all.get(key(room, identity));
  }

  delete(captioner: Captioner): void {
    this.#all.delete(key(captioner.room.name, captioner.identity));
  }

  has(room: string): boolean {
    return [...this.#all.values()].some((captioner) => captioner.room.name === room);
  }

  ofJob(jobId: string): Captioner | undefined {
    return [...this.#all.values()].find(({ job }) => job?.id === jobId);
  }

  in(process: RoomProcess): Captioner[] {
    return [...this.#all.values()].filter((captioner) => captioner.process === process);
  }
}

function key(room: string, identity: string): string {
  return JSON.stringify([room, identity]);
}
