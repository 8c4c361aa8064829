import { fileURLToPath } from 'node:url';
import type * as LiveKit from 'livekit-client';
import type { Browser } from 'playwright-core';
import type { DataMessage, Heard } from './listener.js';

const CLIENT = fileURLToPath(import.meta.resolve('livekit-client'));

/** What came to `livekit-client` in a browser, by each of the three outputs. */
export interface BrowserHeard {
  readonly streams: Heard[];
  readonly data: Heard[];
  /** `RoomEvent.TranscriptionReceived`: `identity` is empty where the client no longer knows the participant. */
  readonly events: Heard[];
}

declare global {
  interface Window {
    LivekitClient: typeof LiveKit;
    heard: BrowserHeard;
  }
}

/**
 * A browser tab with nothing in it but the stock client, which joins the room and only reads captions.
 * @returns gives what has come so far
 */
export async function joinFromBrowser(
  browser: Browser,
  url: string,
  token: string,
): Promise<() => Promise<BrowserHeard>> {
  const page = await browser.newPage();
  await page.addScriptTag({ path: CLIENT.replace('.esm.mjs', '.umd.js') });
  await page.evaluate(collect, { url, token });
  return () => page.evaluate(() => window.heard);
}

/** Runs in the page. */
async function collect({ url, token }: { url: string; token: string }): Promise<void> {
  const { Room, RoomEvent } = window.LivekitClient;
  const heard: BrowserHeard = { streams: [], data: [], events: [] };
  window.heard = heard;
  const room = new Room();
  room.registerTextStreamHandler('lk.transcription', (reader, { identity }) => {
    const { attributes = {} } = reader.info;
    const take = (text: string): void => {
      heard.streams.push({
        id: attributes['lk.segment_id'] ?? '',
        identity,
        track: attributes['lk.transcribed_track_id'] ?? '',
        rev: Number(attributes['captions.rev']),
        final: attributes['lk.transcription_final'] === 'true',
        text,
        start: Number(attributes['captions.start']),
        language: attributes['captions.language'] ?? '',
        label: attributes['captions.speaker'] ?? '',
      });
    };
    // What is under way when its speaker leaves is dropped, and comes again.
    reader.readAll().then(take, () => undefined);
  });
  room.on(RoomEvent.DataReceived, (payload, _from, _kind, topic) => {
    if (topic !== 'captions') return;
    const message = JSON.parse(new TextDecoder().decode(payload)) as DataMessage;
    const { speaker, track } = message;
    const { identity, label } = speaker;
    heard.data.push({ ...message, identity, label, track: track.sid });
  });
  room.on(RoomEvent.TranscriptionReceived, (segments, participant, publication) => {
    for (const { id, text, final, startTime, language } of segments) {
      heard.events.push({
        id,
        identity: participant?.identity ?? '',
        track: publication?.trackSid ?? '',
        rev: 0,
        final,
        text,
        start: startTime,
        language,
        label: '',
      });
    }
  });
  await room.connect(url, token, { autoSubscribe: false });
}
