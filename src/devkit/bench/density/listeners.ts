import { Room } from '@livekit/rtc-node';
import { routeNativeEvents } from '../../../audio/native-events.js';
import { answerCalls } from '../child/answer-calls.js';
import { machineNow } from '../clock.js';
import { listenerToken, type LiveKitAccess } from '../livekit.js';

/** One text stream, when it was complete. */
export interface Shown {
  readonly identity: string;
  readonly segment: string;
  readonly final: boolean;
  readonly text: string;
  readonly at: number;
}

/** Somebody in every room who only reads captions, as any client can. */
const calls = {
  async join(access: LiveKitAccess, names: readonly string[]): Promise<void> {
    for (const name of names) await listen(access, name);
  },
  /** All that has come so far. */
  shown: () => Promise.resolve(shown),
};
export type ListenerCalls = typeof calls;

const rooms: Room[] = [];
const shown: Shown[] = [];

async function listen(access: LiveKitAccess, name: string): Promise<void> {
  const room = new Room();
  rooms.push(room);
  room.registerTextStreamHandler('lk.transcription', (reader, { identity }) => {
    const { attributes = {} } = reader.info;
    const take = (text: string) => {
      const segment = attributes['lk.segment_id'] ?? '';
      const final = attributes['lk.transcription_final'] === 'true';
      shown.push({ identity, segment, final, text, at: machineNow() });
    };
    // What is under way when its speaker leaves is dropped, and comes again.
    reader.readAll().then(take, () => undefined);
  });
  await room.connect(access.url, await listenerToken(access, name, `listener-of-${name}`), {
    autoSubscribe: false,
    dynacast: false,
  });
  routeNativeEvents();
}

answerCalls(calls, async () => {
  await Promise.all(rooms.map((room) => room.disconnect()));
});
