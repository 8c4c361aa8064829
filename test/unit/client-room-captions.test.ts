import { Room } from 'livekit-client';
import { expect, test, vi } from 'vitest';
import { RoomCaptions } from '../../src/client/index.js';

const TOPIC = 'lk.transcription';

/** LiveKit's own client, which is in no room: what comes is emitted by hand. */
function scene(options?: ConstructorParameters<typeof RoomCaptions>[1]) {
  const room = new Room();
  return { room, captions: new RoomCaptions(room, options) };
}

function message(fields: Record<string, unknown> = {}): Uint8Array<ArrayBuffer> {
  const caption = { v: 1, type: 'caption', id: 'a', rev: 0, final: true, text: 'Hello.' };
  const speaker = { identity: 'alice', name: 'Alice', label: 'Alice' };
  return new TextEncoder().encode(JSON.stringify({ ...caption, speaker, ...fields }));
}

/** As from the app's server, which has no identity. */
function receive(room: Room, payload: Uint8Array<ArrayBuffer>, topic = 'captions'): void {
  room.emit('dataReceived', payload, undefined, undefined, topic);
}

const reader = (text: string, attributes: Record<string, string>) => ({
  info: { attributes },
  readAll: () => Promise.resolve(text),
});

test('calls back when something changed, with a snapshot that stays as it is', () => {
  const { room, captions } = scene();
  const { getSnapshot, subscribe } = captions;
  const seen = vi.fn();
  const end = subscribe(seen);
  const empty = getSnapshot();
  expect(getSnapshot()).toBe(empty);
  expect(empty).toMatchObject({ segments: [], captioner: { state: 'disconnected' } });

  receive(room, message());
  receive(room, message());
  receive(room, message({ id: 'b' }), 'another topic');
  receive(room, new Uint8Array([1, 2, 3]));
  expect(seen).toHaveBeenCalledTimes(1);
  expect(getSnapshot()).not.toBe(empty);
  expect(getSnapshot().segments).toMatchObject([{ id: 'a', text: 'Hello.' }]);
  expect(empty.segments).toEqual([]);

  end();
  receive(room, message({ id: 'b' }));
  expect(seen).toHaveBeenCalledTimes(1);
  captions.clear();
  expect(getSnapshot().segments).toEqual([]);
});

test('lets go of the room, and of the topic, when it is closed', () => {
  const room = new Room();
  const before = room.eventNames();
  const first = new RoomCaptions(room);
  const taken = () => room.registerTextStreamHandler(TOPIC, () => undefined);
  expect(taken).toThrow('already');
  first.close();
  first.close();
  expect(room.eventNames()).toEqual(before);
  expect(taken).not.toThrow();
});

test('leaves the text streams to whoever has them, and takes them by hand', async () => {
  const room = new Room();
  room.registerTextStreamHandler(TOPIC, () => undefined);
  const captions = new RoomCaptions(room);
  receive(room, message({ final: false, text: 'Hel' }));
  const attributes = {
    'lk.segment_id': 'a',
    'lk.transcription_final': 'true',
    'captions.rev': '1',
  };
  await captions.takeStream(reader('Hello.', attributes), { identity: 'alice' });
  await captions.takeStream(
    { ...reader('', attributes), readAll: () => Promise.reject(new Error('gone')) },
    { identity: 'alice' },
  );
  expect(captions.getSnapshot().segments).toMatchObject([{ text: 'Hello.', final: true }]);
  captions.close();
  expect(() => room.registerTextStreamHandler(TOPIC, () => undefined)).toThrow('already');
});

test('does not believe a participant who is no agent, or of whom nothing is known', () => {
  const { room, captions } = scene({ textStreams: false });
  room.emit('dataReceived', message(), undefined, undefined, 'captions', undefined, 'stranger');
  expect(captions.getSnapshot().segments).toEqual([]);
});
