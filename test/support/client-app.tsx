import { useTranscriptions } from '@livekit/components-react';
import { Room } from 'livekit-client';
import { displayName, RoomCaptions } from 'livekit-pulse-captions/client';
import { useCaptions } from 'livekit-pulse-captions/client/react';
import { createRoot } from 'react-dom/client';

export interface ClientApp {
  readonly room: Room;
  readonly captions: RoomCaptions;
  /** How often the helper called back. */
  calls: number;
}

/** Joins with our helper alone. */
export async function joinWithHelper(url: string, token: string): Promise<ClientApp> {
  const room = new Room();
  const app: ClientApp = { room, captions: new RoomCaptions(room), calls: 0 };
  app.captions.subscribe(() => (app.calls += 1));
  await room.connect(url, token);
  return app;
}

/** Joins with LiveKit's React hook, which has the text streams, and ours beside it. */
export async function joinWithReact(url: string, token: string): Promise<void> {
  const room = new Room();
  const place = document.createElement('main');
  document.body.append(place);
  createRoot(place).render(<Both room={room} />);
  await room.connect(url, token);
}

function Both({ room }: { readonly room: Room }) {
  const stock = useTranscriptions({ room });
  const { segments, captioner } = useCaptions(room, { textStreams: false });
  return (
    <>
      <h1>{captioner.state}</h1>
      <ul id="stock">
        {stock.map(({ text, participantInfo, streamInfo }) => (
          <li key={streamInfo.id}>{`${participantInfo.identity}: ${text}`}</li>
        ))}
      </ul>
      <ul id="ours">
        {segments.map(({ id, speaker, text }) => (
          <li key={id}>{`${displayName(speaker.label)}: ${text}`}</li>
        ))}
      </ul>
    </>
  );
}
