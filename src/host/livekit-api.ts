import { ParticipantInfo_Kind } from '@livekit/protocol';
import {
  AccessToken,
  AgentDispatchClient,
  RoomServiceClient,
  ServerError,
} from 'livekit-server-sdk';
import { z } from 'zod';
import type { Config } from '../config/config.js';
import { readDispatch } from './assignment.js';
import { HostError } from './errors.js';
import {
  CAPTIONER_NAME,
  captionerIdentities,
  firstAttributes,
  PROCESS_ATTRIBUTE,
} from './identity.js';

const REQUEST_S = 5;
/** Of an answer to a call: LiveKit lets 15 kB through. */
const MAX_ANSWER_BYTES = 256 * 1024;

export interface KnownRoom {
  readonly name: string;
  readonly sid: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** A captioner of ours, of any worker, that the server lists in a room. It may be dead. */
export interface PresentCaptioner {
  readonly identity: string;
  /** Empty where it does not say so. */
  readonly process: string;
}

/** Who is in a room, as far as it matters here. */
export interface Presence {
  readonly captioners: readonly PresentCaptioner[];
  /** Somebody who is neither an agent nor a recorder is there. */
  readonly people: boolean;
}

/** What the host asks of the LiveKit server. */
export class LiveKitApi {
  readonly #livekit: Config['livekit'];
  readonly #agentName: string;
  readonly #base: string;
  readonly #rooms: RoomServiceClient;
  readonly #dispatch: AgentDispatchClient;

  constructor({ livekit, worker }: Pick<Config, 'livekit' | 'worker'>) {
    this.#livekit = livekit;
    this.#agentName = worker.agentName;
    this.#base = livekit.url.replace(/^ws/, 'http').replace(/\/+$/, '');
    const options = { requestTimeout: REQUEST_S };
    const { apiKey, apiSecret } = livekit;
    this.#rooms = new RoomServiceClient(this.#base, apiKey, apiSecret, options);
    this.#dispatch = new AgentDispatchClient(this.#base, apiKey, apiSecret, options);
  }

  async rooms(): Promise<KnownRoom[]> {
    const rooms = await this.#rooms.listRooms();
    return rooms.map(({ name, sid, creationTime, creationTimeMs }) => ({
      name,
      sid,
      createdAt: Number(creationTimeMs) || Number(creationTime) * 1000,
    }));
  }

  /** Nobody, in a room that is not there. */
  async presence(room: string): Promise<Presence> {
    const participants = await this.#rooms.listParticipants(room).catch(nothingWhenGone);
    const ours = new Set(captionerIdentities(this.#agentName));
    return {
      captioners: participants
        .filter(({ identity, kind }) => kind === ParticipantInfo_Kind.AGENT && ours.has(identity))
        .map(({ identity, attributes }) => ({
          identity,
          process: attributes[PROCESS_ATTRIBUTE] ?? '',
        })),
      people: participants.some(
        ({ kind }) => kind !== ParticipantInfo_Kind.AGENT && kind !== ParticipantInfo_Kind.EGRESS,
      ),
    };
  }

  /**
   * The room's latest dispatch to this worker's name. A room has one as long as it is to be captioned, whether or
   * not a worker was there to take it.
   *
   * @returns undefined where there is none: the room is not ours
   */
  async dispatchIn(room: string): Promise<{ readonly metadata: string } | undefined> {
    const dispatches = await this.#dispatch.listDispatch(room).catch(nothingWhenGone);
    const ours = dispatches.filter(({ agentName }) => agentName === this.#agentName);
    const latest = ours.at(-1);
    return latest && { metadata: readDispatch(latest.metadata).metadata };
  }

  async hasDispatch(room: string, dispatchId: string): Promise<boolean> {
    const dispatches = await this.#dispatch.listDispatch(room).catch(nothingWhenGone);
    return dispatches.some(({ id }) => id === dispatchId);
  }

  /** Asks the server to find a worker for a room: any that has this worker's name. */
  async dispatch(room: string, metadata: string): Promise<void> {
    await this.#dispatch.createDispatch(room, this.#agentName, { metadata });
  }

  /** A captioner's way into one room, with the permissions that it needs and no others. */
  async token(room: string, identity: string, process: string): Promise<string> {
    const { apiKey, apiSecret } = this.#livekit;
    const token = new AccessToken(apiKey, apiSecret, {
      identity,
      name: CAPTIONER_NAME,
      ttl: '1h',
      attributes: firstAttributes(process),
    });
    token.kind = 'agent';
    token.addGrant({
      roomJoin: true,
      room,
      agent: true,
      canSubscribe: true,
      canPublish: false,
      canPublishData: true,
      canUpdateOwnMetadata: true,
    });
    return token.toJwt();
  }

  /**
   * Calls a method of a participant, without being in the room.
   *
   * @throws HostError `livekit_refused` when the participant did not answer in time, or is not there
   */
  async call(room: string, identity: string, method: string, payload: string, timeoutMs: number) {
    const { apiKey, apiSecret } = this.#livekit;
    const token = new AccessToken(apiKey, apiSecret, { ttl: '1m' });
    token.addGrant({ roomAdmin: true, room });
    const response = await fetch(`${this.#base}/twirp/livekit.RoomService/PerformRpc`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await token.toJwt()}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({
        room,
        destination_identity: identity,
        method,
        payload,
        response_timeout_ms: timeoutMs,
      }),
      // The server itself waits 7 s for a participant to say that the call has come.
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) {
      const { code } = twirpError.parse(await jsonOf(response).catch(() => ({})));
      throw new RpcRefused(code, response.status);
    }
    const answer = rpcAnswer.safeParse(await jsonOf(response));
    if (!answer.success)
      throw new HostError('livekit_refused', UNREADABLE, { cause: answer.error });
    return answer.data.payload;
  }
}

const twirpError = z.object({ code: z.string().catch('') }).catch({ code: '' });
const rpcAnswer = z.object({ payload: z.string().default('') });

const UNREADABLE = 'LiveKit answered a call with what is no answer: check LIVEKIT_URL.';

/** @throws HostError `livekit_refused` for what is not JSON, or too long */
async function jsonOf(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new HostError('livekit_refused', UNREADABLE);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (cause) {
    throw new HostError('livekit_refused', UNREADABLE, { cause });
  }
}

/** A participant's method could not be called. */
export class RpcRefused extends HostError {
  constructor(
    /** Twirp's code. */
    readonly reason: string,
    status: number,
  ) {
    super('livekit_refused', `LiveKit could not call a captioner (${status} ${reason}).`);
  }

  /** This server cannot call participants at all: it is older than 1.10. */
  get unsupported(): boolean {
    return this.reason === 'bad_route' || this.reason === 'unimplemented';
  }
}

function nothingWhenGone(error: unknown): never[] {
  if (error instanceof ServerError && error.code === 'not_found') return [];
  throw error;
}
