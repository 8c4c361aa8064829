import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { routeNativeEvents } from '../../src/audio/native-events.js';

interface NativeEvent {
  readonly message: { case: string; value: { streamHandle?: bigint; message?: unknown } };
}

/** Emits native events, and has listeners that read them as those of rtc-node do. */
class Client extends EventEmitter {
  constructor() {
    super();
    this.setMaxListeners(0);
  }

  /** How often anybody was asked to look at an event. */
  offered = 0;

  /** A room, which looks whether an event is its own and nothing more. */
  room(): void {
    this.on('ffi_event', ({ message }: NativeEvent) => {
      this.offered += 1;
      if (message.case === 'roomEvent') this.emit('its own');
    });
  }

  /** What a stream took; it ends with the end of its track. */
  stream(handle: bigint): { readonly heard: unknown[]; close: () => void } {
    const heard: unknown[] = [];
    const listener = ({ message }: NativeEvent) => {
      this.offered += 1;
      if (message.case !== 'audioStreamEvent' || message.value.streamHandle !== handle) return;
      heard.push(message.value.message);
      if (message.value.message === 'eos') close();
    };
    const close = () => void this.off('ffi_event', listener);
    this.on('ffi_event', listener);
    return { heard, close };
  }

  frame(streamHandle: bigint, message: unknown): void {
    this.emit('ffi_event', {
      message: { case: 'audioStreamEvent', value: { streamHandle, message } },
    });
  }
}

test('every stream hears what is for it, in order, whatever comes and goes', () => {
  const client = new Client();
  const early = client.stream(1n);
  client.room();
  routeNativeEvents(client);
  const late = client.stream(2n);
  for (const frame of ['a', 'b', 'c']) {
    client.frame(2n, frame);
    client.frame(1n, frame);
  }
  early.close();
  client.frame(1n, 'd');
  // Handles of streams that ended may come again.
  const again = client.stream(1n);
  for (const frame of ['e', 'eos', 'f']) client.frame(1n, frame);
  client.frame(2n, 'g');
  expect(early.heard).toEqual(['a', 'b', 'c']);
  expect(again.heard).toEqual(['e', 'eos']);
  expect(late.heard).toEqual(['a', 'b', 'c', 'g']);
});

test('only the first frame of a stream is offered to others', () => {
  const client = new Client();
  for (let count = 0; count < 50; count += 1) client.room();
  const streams = Array.from({ length: 50 }, (_, handle) => client.stream(BigInt(handle)));
  routeNativeEvents(client);
  routeNativeEvents(client);
  const speak = () => {
    for (const handle of streams.keys()) client.frame(BigInt(handle), 'frame');
  };
  speak();
  client.offered = 0;
  for (let count = 0; count < 20; count += 1) speak();
  expect(client.offered).toBe(50 * 20);
  expect(streams.map(({ heard }) => heard.length)).toEqual(Array(50).fill(21));
});

test('what is no frame goes to everybody, as before', () => {
  const client = new Client();
  client.room();
  client.stream(1n);
  const seen: unknown[] = [];
  client.on('ffi_event', (event) => seen.push(event));
  client.on('other', (...args) => seen.push(args));
  routeNativeEvents(client);
  client.frame(1n, 'first');
  client.offered = 0;
  const event = { message: { case: 'roomEvent', value: {} } };
  const events = [event, { message: { case: 'audioStreamEvent', value: {} } }];
  for (const one of events) expect(client.emit('ffi_event', one)).toBe(true);
  expect(client.emit('other', 1, 2)).toBe(true);
  expect(client.emit('nobody listens')).toBe(false);
  expect(seen).toEqual([...events, [1, 2]]);
  expect(client.offered).toBe(4);
});

test('debug lines of the native side cost nobody anything', () => {
  const client = new Client();
  client.room();
  client.stream(1n);
  routeNativeEvents(client);
  client.emit('ffi_event', { message: { case: 'logs', value: { records: [] } } });
  expect(client.offered).toBe(0);
});

test('without anything that emits there is nothing to do', () => {
  expect(() => routeNativeEvents(undefined)).not.toThrow();
  expect(() => routeNativeEvents({})).not.toThrow();
});

test('a frame for nobody is offered to all and forgotten', () => {
  const client = new Client();
  const { heard } = client.stream(1n);
  client.room();
  routeNativeEvents(client);
  client.frame(7n, 'x');
  expect(client.offered).toBe(2);
  client.frame(1n, 'y');
  expect(heard).toEqual(['y']);
});

test('what a stream throws reaches whoever emits', () => {
  const client = new Client();
  client.on('ffi_event', ({ message }: NativeEvent) => {
    if (message.value.message === 'bad') throw new Error('closed');
  });
  routeNativeEvents(client);
  client.frame(1n, 'good');
  expect(() => client.frame(1n, 'bad')).toThrow('closed');
});
