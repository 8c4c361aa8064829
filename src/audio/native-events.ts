import { EventEmitter } from 'node:events';

/** Something about a stream: a frame, or its end. */
interface FrameEvent {
  readonly message: {
    readonly case: 'audioStreamEvent';
    readonly value: { readonly streamHandle: bigint };
  };
}

type Listener = (event: unknown) => void;

const EVENT = 'ffi_event';

/**
 * Gives the native events of `rtc-node` to those alone whom they concern. It offers each of them to the listeners of
 * all streams, and to every room, which takes a lock and some promises to find that it is not meant: what an event
 * costs grows with the rooms and tracks in the process.
 *
 * - Frames go to the stream that they are for. Whose a frame is shows by who reads it: the first one of a stream is
 *   offered to everybody as before, later ones go to the listener that took it, until that one is removed.
 * - Debug lines of the native side, some sixty a second for each room, go nowhere: nothing in `rtc-node` reads them.
 *
 * Nothing of this depends on the inside of a stream, and all other events take the usual way.
 *
 * @param client emits the native events; the one that all copies of `rtc-node` in a process share, once there is a room.
 *   Nothing happens when there is none. May be called more than once.
 */
export function routeNativeEvents(client: unknown = globalThis._ffiClientInstance): void {
  if (!isEmitter(client) || Object.hasOwn(client, 'emit')) return;
  const emit = client.emit.bind(client);
  const takers = new Map<bigint, Listener>();
  const handles = new Map<unknown, bigint>();

  client.on('removeListener', (name: unknown, listener: unknown) => {
    const handle = name === EVENT ? handles.get(listener) : undefined;
    if (handle === undefined) return;
    handles.delete(listener);
    takers.delete(handle);
  });

  const offer = (event: FrameEvent) => {
    for (const listener of client.listeners(EVENT) as Listener[]) {
      const look = { taken: false };
      listener(watched(event, look));
      if (!look.taken) continue;
      // A stream that ended with this event has removed its listener already.
      if (client.listeners(EVENT).includes(listener)) {
        takers.set(event.message.value.streamHandle, listener);
        handles.set(listener, event.message.value.streamHandle);
      }
      return;
    }
  };

  client.emit = (name: string | symbol, ...args: unknown[]) => {
    const [event] = args;
    if (name !== EVENT) return emit(name, ...args);
    if (caseOf(event) === 'logs') return false;
    if (!isFrame(event)) return emit(name, ...args);
    const taker = takers.get(event.message.value.streamHandle);
    if (taker) taker(event);
    else offer(event);
    return true;
  };
}

function isEmitter(client: unknown): client is EventEmitter {
  return client instanceof EventEmitter;
}

interface NativeEvent {
  readonly message?: {
    readonly case?: string;
    readonly value?: { readonly streamHandle?: unknown };
  };
}

function caseOf(event: unknown): string | undefined {
  return (event as NativeEvent).message?.case;
}

function isFrame(event: unknown): event is FrameEvent {
  const handle = (event as NativeEvent).message?.value?.streamHandle;
  return caseOf(event) === 'audioStreamEvent' && typeof handle === 'bigint';
}

/** The event, which notes when somebody looks at what is in it rather than at whom it is for. */
function watched(event: FrameEvent, look: { taken: boolean }): unknown {
  const value = new Proxy(event.message.value, {
    get(target, key) {
      if (key === 'message') look.taken = true;
      return Reflect.get(target, key) as unknown;
    },
  });
  return { message: { case: event.message.case, value } };
}
