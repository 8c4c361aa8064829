"""The peer of the density bench: one session of livekit-agents for each person in a room, recognised by Pulse."""

import asyncio
import os

from livekit import agents, rtc
from livekit.agents import room_io
from livekit.plugins import smallestai

server = agents.AgentServer()


class Captions(agents.Agent):
    """Listens only: a turn that ends is never answered."""

    def __init__(self) -> None:
        recogniser = smallestai.STT(
            api_key=os.environ["SMALLEST_API_KEY"],
            base_url=os.environ["SMALLEST_BASE_URL"],
            language="en",
        )
        super().__init__(instructions="", stt=recogniser)

    async def on_user_turn_completed(self, turn_ctx, new_message) -> None:
        raise agents.StopResponse()


class RoomCaptions:
    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._sessions: dict[str, asyncio.Task[agents.AgentSession]] = {}
        self._endings: set[asyncio.Task[None]] = set()

    def joined(self, person: rtc.RemoteParticipant) -> None:
        if person.identity not in self._sessions:
            self._sessions[person.identity] = asyncio.create_task(self._open(person.identity))

    def left(self, person: rtc.RemoteParticipant) -> None:
        opening = self._sessions.pop(person.identity, None)
        if opening is None:
            return
        ending = asyncio.create_task(self._end(opening))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def close(self) -> None:
        sessions = list(self._sessions.values())
        self._sessions.clear()
        await asyncio.gather(*self._endings, *(self._end(opening) for opening in sessions))

    async def _open(self, identity: str) -> agents.AgentSession:
        session = agents.AgentSession()
        options = room_io.RoomOptions(
            participant_identity=identity,
            audio_input=True,
            audio_output=False,
            text_input=False,
            text_output=True,
        )
        await session.start(Captions(), room=self._room, room_options=options)
        return session

    async def _end(self, opening: "asyncio.Task[agents.AgentSession]") -> None:
        session = await opening
        await session.drain()
        await session.aclose()


@server.rtc_session()
async def caption_room(job: agents.JobContext) -> None:
    captions = RoomCaptions(job.room)
    job.room.on("participant_connected", captions.joined)
    job.room.on("participant_disconnected", captions.left)
    job.add_shutdown_callback(captions.close)
    await job.connect(auto_subscribe=agents.AutoSubscribe.AUDIO_ONLY)
    for person in list(job.room.remote_participants.values()):
        captions.joined(person)


if __name__ == "__main__":
    agents.cli.run_app(server)
