import { randomBytes } from 'node:crypto';
import { AccessToken, TrackSource } from 'livekit-server-sdk';
import { z } from 'zod';
import { RequestError } from './errors.js';

export interface JoinRequest {
  readonly room: string;
  readonly name: string;
}

export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Characters, as a person counts them: nearly. */
const LONGEST_NAME = 60;
const LONGEST_ROOM = 64;
const TOKEN_LIFETIME = '10m';

/** Control characters, line separators, marks that turn the direction of what follows, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const joinRequest = z.object({ room: z.string(), name: z.string() });

/** Checks what came from the page. Throws `RequestError` with a text for the person who filled in the form. */
export function parseJoinRequest(body: string): JoinRequest {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new RequestError(400, 'bad_json', 'The request is not JSON.');
  }
  const parsed = joinRequest.safeParse(json);
  if (!parsed.success) {
    throw new RequestError(400, 'bad_request', 'The request needs a room and a name, as texts.');
  }
  return { room: checkRoom(parsed.data.room), name: checkName(parsed.data.name) };
}

/** A room's name is never altered beyond its ends: another room would be joined than the one that was asked for. */
function checkRoom(given: string): string {
  const room = given.trim();
  if (room === '') throw new RequestError(400, 'bad_room', 'The room needs a name.');
  if (Array.from(room).length > LONGEST_ROOM) {
    throw new RequestError(400, 'bad_room', `Use at most ${LONGEST_ROOM} characters for the room.`);
  }
  if (room.search(UNPRINTABLE) !== -1) {
    throw new RequestError(
      400,
      'bad_room',
      'The name of the room has a character in it that cannot be seen. Type it again.',
    );
  }
  return room;
}

function checkName(given: string): string {
  const name = given.replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim();
  if (name === '') throw new RequestError(400, 'bad_name', 'Tell the others your name.');
  if (Array.from(name).length > LONGEST_NAME) {
    throw new RequestError(
      400,
      'bad_name',
      `Use at most ${LONGEST_NAME} characters for your name.`,
    );
  }
  return name;
}

/** The name as far as plain letters go, and chance: nobody takes the place of another by taking their name. */
export function makeIdentity(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 24)
    .replace(/^-+|-+$/g, '');
  return `${slug === '' ? 'guest' : slug}-${randomBytes(5).toString('hex')}`;
}

/** A token for one person and one room, good for joining within ten minutes. */
export async function makeToken(
  { apiKey, apiSecret }: Credentials,
  { room, name }: JoinRequest,
  identity: string,
): Promise<string> {
  const token = new AccessToken(apiKey, apiSecret, { identity, name, ttl: TOKEN_LIFETIME });
  token.addGrant({
    roomJoin: true,
    room,
    canSubscribe: true,
    canPublish: true,
    canPublishSources: [TrackSource.MICROPHONE, TrackSource.SCREEN_SHARE_AUDIO],
    // A person who could send data could send false captions.
    canPublishData: false,
    canUpdateOwnMetadata: true,
  });
  return token.toJwt();
}
