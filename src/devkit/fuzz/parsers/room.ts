import { RpcError } from '@livekit/rtc-node';
import type { RpcInvocationData } from '@livekit/rtc-node';
import { ZodError } from 'zod';
import { toMessage } from '../../../captions/schema.js';
import { RoomClock } from '../../../audio/room-clock.js';
import { handoverMetadata, readDispatch } from '../../../host/assignment.js';
import { answerAlive } from '../../../host/process/alive.js';
import { askForBacklog, onClock } from '../../../room/earlier-captions.js';
import { serveBacklog } from '../../../room/backlog-rpc.js';
import { serveHandover } from '../../../room/handover.js';
import { readSettings } from '../../../room/settings.js';
import { Wishes } from '../../../room/wishes.js';
import { attributesIn } from './attributes.js';
import { CAPTION } from './captions.js';
import { assertFinite, type FuzzedParser, textParser } from '../fuzzed-parser.js';

const METADATA = [
  '{"captions":{"enabled":true,"language":"fr","languages":{"alice":"fr","bob":"hi"},"keywords":["Blackwell:1","Jensen Huang:2"],"redact":true,"diarize":false}}',
  '{"app":{"theme":"dark"},"captions":{"keywords":"Ng:2,Li:3","language":"auto"}}',
  '{"captions":null}',
  'a text of the app',
];

type Method = (data: RpcInvocationData) => Promise<string>;

/** What a captioner would register in its room, to be called here. */
function methodOf(
  serve: (self: { registerRpcMethod(name: string, method: Method): void }) => void,
): (payload: string) => Promise<string> {
  let method: Method | undefined;
  serve({ registerRpcMethod: (_name, given) => (method = given) });
  return async (payload) =>
    (await method?.({ requestId: 'r', callerIdentity: 'alice', payload, responseTimeout: 1 })) ??
    '';
}

/** More than one answer holds. */
const SAID = Array.from({ length: 60 }, (_, index) => ({ ...CAPTION, id: `SG_${index}` }));
const backlog = methodOf((self) => serveBacklog(self, () => SAID));

const handover = methodOf((self) =>
  serveHandover({
    self,
    isAgent: () => true,
    clock: new RoomClock(),
    stop: (since) =>
      Promise.resolve(new Map([...since.keys()].map((sid) => [sid, { until: 1, tail: [] }]))),
    done: () => undefined,
  }),
);

export const roomParsers: readonly FuzzedParser[] = [
  textParser({ name: 'room metadata', seeds: METADATA, read: readMetadata }),
  textParser({
    name: 'dispatch metadata',
    seeds: [handoverMetadata('captions-1', METADATA[0] ?? ''), ...METADATA],
    read(text) {
      const { metadata, succeeds = '' } = readDispatch(text);
      if (succeeds.length > 256) throw new Error('an identity that is too long');
      readMetadata(metadata);
    },
  }),
  textParser({
    name: 'attributes of a person',
    seeds: [
      '{"captions.language":"fr-CA","captions.enabled":"true","colour":"red"}',
      '{"captions.language":"auto","captions.enabled":"false"}',
    ],
    read(text) {
      const wishes = new Wishes({ language: 'en' });
      wishes.personAsks('alice', attributesIn(text));
      wishes.languageOf('alice');
      wishes.faults.forEach(assertHarmless);
    },
  }),
  textParser({
    name: 'call captions.backlog',
    seeds: ['{"before":"SG_55","limit":50}', '{"limit":1}', ''],
    async read(payload) {
      const page = await backlog(payload);
      if (Buffer.byteLength(page) > 15_360) throw new Error('an answer that LiveKit does not take');
    },
    mayThrow: (error) => error instanceof RpcError,
  }),
  textParser({
    name: 'answer of captions.backlog, captioner',
    seeds: [
      JSON.stringify({ v: 1, captions: SAID.slice(0, 3).map(toMessage), more: true }),
      '{"v":1,"captions":[],"more":false}',
    ],
    async read(answer) {
      const answers = [answer, answer, '{"captions":[],"more":false}'];
      const self = { performRpc: () => Promise.resolve(answers.shift() ?? '') };
      const captions = await askForBacklog(self, 'captions-1');
      if (captions.length > 50_000) throw new Error('more than is kept');
      assertFinite(captions.map((caption) => onClock(caption, 0)));
    },
    mayThrow: (error) => error instanceof ZodError || error instanceof SyntaxError,
  }),
  textParser({
    name: 'call captions.handover',
    seeds: [
      '{"step":"take","tracks":[{"sid":"TR_a","since":1795400000000},{"sid":"TR_b","since":1}]}',
      '{"step":"clock"}',
      '{"step":"done"}',
    ],
    read: handover,
    mayThrow: (error) => error instanceof RpcError,
  }),
  textParser({
    name: 'call captions.alive',
    seeds: ['{"rooms":["RM_a","RM_b","RM_c"]}'],
    read: (payload) => answerAlive(payload, new Set(['RM_a'])),
    mayThrow: (error) => error instanceof ZodError || error instanceof SyntaxError,
  }),
];

function readMetadata(text: string): void {
  const wishes = new Wishes({ language: 'en' }, text);
  wishes.roomAsks(text);
  wishes.languageOf('__proto__');
  wishes.recognitionOf('alice');
  readSettings(text, 'room metadata', { language: 'fr' }).faults.forEach(assertHarmless);
}

/** Faults are shown to everybody in the room. */
function assertHarmless(fault: string): void {
  if (fault.length > 600) throw new Error(`a fault of ${fault.length} characters`);
  if (/[\p{Cc}\p{Cs}\p{Cf}<>&]/u.test(fault)) throw new Error(`a fault that is hostile: ${fault}`);
}
