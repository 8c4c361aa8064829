import { requestAccess, requestDefaultRoom } from './access.js';
import { CaptionsView } from './captions-view.js';
import { SpeakerColours } from './colours.js';
import { find } from './dom.js';
import { JoinForm, type JoinWish } from './join-form.js';
import { LiveRegion } from './live-region.js';
import { Meeting, type MeetingListener } from './meeting.js';
import { PeopleView } from './people-view.js';
import { endProblem, joinProblem, microphoneProblem, reconnectingProblem } from './problems.js';
import { RoomView } from './room-view.js';
import { CaptionStore } from './store.js';

const colours = new SpeakerColours();
const store = new CaptionStore();
const captions = new CaptionsView(store, colours);
const people = new PeopleView(colours);
const aloud = new LiveRegion(find(document, '#spoken-lines', HTMLElement));
const sounds = find(document, '#sounds', HTMLElement);
const form = new JoinForm((wish) => void join(wish));
const room = new RoomView(captions, {
  setMicrophone: (on) => void setMicrophone(on),
  startSound: () => void meeting?.startSound().catch(() => room.showSoundBlocked(true)),
  leave: () => void leave(),
  rejoin: () => void rejoin(),
});

let meeting: Meeting | undefined;
let current: JoinWish | undefined;

const listener: MeetingListener = {
  onPeople: (all) => people.show(all),
  onCaptioner: (captioner) => room.showCaptioner(captioner),
  onCaption: (update) => {
    const change = store.apply(update);
    if (!change) return;
    captions.show(change);
    if (change.finalised) aloud.announce(change.segment);
  },
  onReconnecting: (reconnecting) =>
    room.showConnectionProblem(reconnecting ? reconnectingProblem : undefined),
  onSoundBlocked: (blocked) => room.showSoundBlocked(blocked),
  onEnded: (reason) => {
    meeting = undefined;
    room.showConnectionProblem(endProblem(reason), true);
    room.setMicrophone('unavailable');
    room.showSoundBlocked(false);
    listener.onCaptioner({ state: 'absent', reason: '' });
  },
};

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
  meeting = await Meeting.join(await requestAccess(wish.room, wish.name), listener, sounds);
  current = wish;
  room.showConnectionProblem(undefined);
  room.showMicrophoneProblem(undefined);
  room.setMicrophone('off');
}

async function leave(): Promise<void> {
  const left = meeting;
  meeting = undefined;
  current = undefined;
  await left?.leave();
  store.clear();
  captions.clear();
  aloud.clear();
  room.hide();
  form.show();
}

async function setMicrophone(on: boolean): Promise<void> {
  const mine = meeting;
  if (!mine) return;
  room.setMicrophone('busy');
  room.showMicrophoneProblem(undefined);
  try {
    await mine.setMicrophone(on);
  } catch (error) {
    if (mine === meeting) room.showMicrophoneProblem(microphoneProblem(error));
  }
  if (mine === meeting) room.setMicrophone(mine.microphoneOn ? 'on' : 'off');
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

await start();
