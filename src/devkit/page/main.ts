import { defineRoomCaptions, RoomCaptionsElement } from 'livekit-pulse-captions/client/element';
import { requestAccess, requestDefaultRoom } from './access.js';
import { SpeakerColours } from './colours.js';
import { find } from './dom.js';
import { download, fileName } from './download.js';
import { JoinForm, type JoinWish } from './join-form.js';
import { Meeting, type MeetingListener } from './meeting.js';
import { endProblem, joinProblem, microphoneProblem, reconnectingProblem } from './problems.js';
import { RoomView } from './room-view.js';
import { SpeechPanel } from './speech-panel.js';
import { TilesView } from './tiles-view.js';
import { TranscriptView } from './transcript-view.js';
import { toWebVtt } from './web-vtt.js';

defineRoomCaptions();

const colours = new SpeakerColours();
const tiles = new TilesView(colours);
const transcript = new TranscriptView(colours, save);
const form = new JoinForm((wish) => void join(wish));
const room = new RoomView(transcript, {
  setMicrophone: (on) => void setMicrophone(on),
  startSound: () => void meeting.startSound().catch(() => room.showSoundBlocked(true)),
  leave: () => void leave(),
  rejoin: () => void rejoin(),
});
const speech = new SpeechPanel((wish) => meeting.setOwnCaptions(wish));
let current: JoinWish | undefined;

const listener: MeetingListener = {
  onPeople: (all) => tiles.show(all),
  onOwnCaptions: (own) => speech.show(own),
  onReconnecting: (reconnecting) =>
    room.showConnectionProblem(reconnecting ? reconnectingProblem : undefined),
  onSoundBlocked: (blocked) => room.showSoundBlocked(blocked),
  onEnded: (reason) => {
    room.showConnectionProblem(endProblem(reason), true);
    room.setMicrophone('unavailable');
    room.showSoundBlocked(false);
  },
};
const meeting = new Meeting(listener, find(document, '#sounds', HTMLElement));
const { captions } = meeting;

function showCaptions(): void {
  const { segments, captioner } = captions.getSnapshot();
  room.showCaptioner(captioner);
  transcript.show(segments);
}

function save(): void {
  const text = toWebVtt(captions.getSnapshot().segments);
  download(fileName(current?.room ?? '', new Date()), 'text/vtt', text);
}

async function join(wish: JoinWish): Promise<void> {
  form.setBusy(true);
  form.showProblem(undefined);
  try {
    await enter(wish);
  } catch (error) {
    form.showProblem(joinProblem(error));
    return;
  } finally {
    form.setBusy(false);
  }
  // A reload, or the address sent to somebody else, leads to the same room.
  history.replaceState(null, '', `?${new URLSearchParams({ room: wish.room }).toString()}`);
  form.hide();
  room.show(wish.room, wish.name);
  if (wish.microphone) await setMicrophone(true);
}

/** After the connection was lost: what was said before stays on the page. Nobody's microphone goes on by itself. */
async function rejoin(): Promise<void> {
  if (!current) return;
  room.showConnectionProblem(reconnectingProblem);
  try {
    await enter(current);
  } catch (error) {
    room.showConnectionProblem(joinProblem(error), true);
  }
}

async function enter(wish: JoinWish): Promise<void> {
  await meeting.join(await requestAccess(wish.room, wish.name));
  current = wish;
  room.showConnectionProblem(undefined);
  room.showMicrophoneProblem(undefined);
  room.setMicrophone('off');
}

async function leave(): Promise<void> {
  current = undefined;
  await meeting.leave();
  captions.clear();
  transcript.reset();
  room.hide();
  form.show();
}

async function setMicrophone(on: boolean): Promise<void> {
  if (!meeting.isJoined()) return;
  room.setMicrophone('busy');
  room.showMicrophoneProblem(undefined);
  try {
    await meeting.setMicrophone(on);
  } catch (error) {
    if (meeting.isJoined()) room.showMicrophoneProblem(microphoneProblem(error));
  }
  if (meeting.isJoined()) room.setMicrophone(meeting.microphoneOn ? 'on' : 'off');
}

async function start(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const wanted = { name: query.get('name') ?? '', room: query.get('room') ?? '' };
  form.prefill(wanted.name, wanted.room);
  if (wanted.room === '') {
    try {
      form.proposeRoom(await requestDefaultRoom());
    } catch (error) {
      form.showProblem(joinProblem(error));
      return;
    }
  }
  if (query.get('autojoin') !== '1') return;
  const name = wanted.name.trim() === '' ? 'Guest' : wanted.name;
  form.prefill(name, form.room);
  await join({ name, room: form.room, microphone: false });
}

find(document, '#overlay', RoomCaptionsElement).captions = captions;
captions.subscribe(showCaptions);
showCaptions();
await start();
