import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import type { TestLiveKit } from './livekit.js';
import type { Recording } from './recordings.js';

const FRAME_MS = 20;

/** Another agent in the room, such as an assistant, that has said something when this resolves. */
export async function speakingAgent(
  livekit: TestLiveKit,
  roomName: string,
  { samples, sampleRate }: Recording,
): Promise<{ leave(): Promise<void> }> {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { identity: 'another-agent' });
  token.addGrant({ roomJoin: true, room: roomName });
  token.kind = 'agent';
  const room = new Room();
  await room.connect(livekit.url, await token.toJwt(), { autoSubscribe: false, dynacast: false });
  const source = new AudioSource(sampleRate, 1);
  const track = LocalAudioTrack.createAudioTrack('voice', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
  await room.localParticipant?.publishTrack(track, options);
  const size = (sampleRate * FRAME_MS) / 1000;
  for (let at = 0; at + size <= samples.length; at += size) {
    await source.captureFrame(new AudioFrame(samples.slice(at, at + size), sampleRate, 1, size));
  }
  await source.waitForPlayout();
  return { leave: () => room.disconnect() };
}
