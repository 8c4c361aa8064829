/** What leaves the captioner for others to read, as schemas and types: needs no Node. */
export * from './captions/schema.js';
export {
  type JournalRecord,
  journalRecord,
  parseRecord,
  type RoomRecord,
  type SegmentRecord,
} from './transcript/records.js';
export type { Gap, Part, PersonInCall, Transcript } from './transcript/transcript.js';
