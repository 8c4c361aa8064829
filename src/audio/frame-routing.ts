import type { EventEmitter } from 'node:events';

/** What is read here of the native events of `rtc-node`. */
interface FrameEvent {
  readonly message: {
    readonly case: 'audioStreamEvent';
    readonly value: { readonly streamHandle: bigint };
  };
}

type Listener = (event: unknown) => void;

const EVENT = 'ffi_event';

/**
 * Gives each frame to the stream that it is for. `rtc-node` offers every native event to the listeners of all streams,
 * and to every room, which takes a lock and some promises to find that it is not meant: the cost of a frame grows
 * with the rooms and tracks in the process.
 *
 * Whose a frame is shows by who reads it: the first one of a stream is offered to everybody as before, later ones go to
 * the listener that took it, until that one is removed. Nothing of this depends on the inside of a stream, and what
 * is not recognised as a frame takes the usual way.
 *
 * @param client emits the native events. Routed from then on; may be called more than once.
 */
export function routeFrames(client: EventEmitter): void {
  if (Object.hasOwn(client, 'emit')) return;
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
    if (name !== EVENT || !isFrame(event)) return emit(name, ...args);
    const taker = takers.get(event.message.value.streamHandle);
    if (taker) taker(event);
    else offer(event);
    return true;
  };
}

function isFrame(event: unknown): event is FrameEvent {
  const { message } = event as { readonly message?: Partial<FrameEvent['message']> };
  return message?.case === 'audioStreamEvent' && typeof message.value?.streamHandle === 'bigint';
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
