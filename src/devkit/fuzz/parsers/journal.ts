import { Readable } from 'node:stream';
import { callsOf } from '../../../transcript/calls.js';
import { TranscriptError } from '../../../transcript/errors.js';
import { FORMATS } from '../../../transcript/exports/formats.js';
import { formatTranscript } from '../../../transcript/exports/index.js';
import { headOf } from '../../../transcript/folder.js';
import { linesOf } from '../../../transcript/lines.js';
import { nameOf, parseName, transcriptName } from '../../../transcript/names.js';
import { readTranscript } from '../../../transcript/read.js';
import { parseRecord, segmentRecord } from '../../../transcript/records.js';
import { parseProgress } from '../../../transcript/store/progress.js';
import { assertFinite, type FuzzedParser, textParser } from '../fuzzed-parser.js';
import { CAPTION } from './captions.js';

const LINES = [
  '{"v":1,"type":"room","sid":"RM_a","name":"weekly","epoch":1795400000000}',
  '{"v":1,"type":"joined","at":10,"identity":"alice","name":"Alice Ng"}',
  JSON.stringify(segmentRecord(CAPTION)),
  '{"v":1,"type":"language","at":20,"identity":"alice","name":"Alice Ng","language":"fr"}',
  '{"v":1,"type":"gap","track":"TR_a","identity":"alice","start":1,"end":2}',
  '{"v":1,"type":"state","at":3,"state":"degraded","reason":"Captions are late."}',
  '{"v":1,"type":"opted_out","at":30,"identity":"bob","name":"Bob"}',
  '{"v":1,"type":"opted_in","at":40,"identity":"bob","name":"Bob"}',
  '{"v":1,"type":"left","at":50,"identity":"alice","name":"Alice Ng"}',
  '{"v":1,"type":"closed","at":60000}',
];
const JOURNAL = `${LINES.join('\n')}\n`;
const MARKERS = [
  '{"v":1,"sentBytes":8192,"toldLines":12,"toldBytes":4096,"stored":false,"generation":0}',
  '{"v":1,"sentBytes":0,"toldLines":0,"toldBytes":0,"exports":["/t/RM_a_20261123T082400123Z.vtt"],"stored":true,"ended":1795400000000,"generation":2,"forgotten":["RM_a_20261123T082400123Z"]}',
];
const NAMES = ['RM_abc_20261123T082400123Z.jsonl', '/t/RM_abc_20261123T082400123Z-2.pending'];

export const journalParsers: readonly FuzzedParser[] = [
  textParser({
    name: 'line of a journal',
    seeds: LINES,
    read: (line) => assertFinite(parseRecord(line)),
  }),
  textParser({
    name: 'journal, to every format',
    seeds: [JOURNAL, LINES.slice(0, 4).join('\n')],
    async read(text) {
      const address = '/t/RM_a_20261123T082400123Z.jsonl';
      const lines = () => linesOf(Readable.from([Buffer.from(text)]));
      const transcript = await readTranscript([{ address, lines }]);
      for (const format of FORMATS) formatTranscript(transcript, format);
    },
    mayThrow: (error) => error instanceof TranscriptError,
  }),
  textParser({
    name: 'journal, one of two of a call',
    seeds: [JOURNAL, LINES.slice(0, 4).join('\n')],
    async read(text) {
      const sources = [text, JOURNAL].map((part, index) => ({
        address: `/t/RM_a_20261123T08240012${index}Z.jsonl`,
        lines: () => linesOf(Readable.from([Buffer.from(part)])),
      }));
      formatTranscript(await readTranscript(sources), 'json');
    },
    mayThrow: (error) => error instanceof TranscriptError,
  }),
  textParser({
    name: 'marker of a journal',
    seeds: MARKERS,
    read(text) {
      const progress = parseProgress(text);
      assertFinite(progress);
      // What was saved is what is read.
      const saved = JSON.stringify(progress);
      if (JSON.stringify(parseProgress(saved)) !== saved) throw new Error('it reads as another');
    },
  }),
  textParser({
    name: 'beginning and end of a journal',
    seeds: [JOURNAL],
    read(text) {
      // As much as is looked at.
      const [first, last] = [text.slice(0, 65_536), text.slice(-65_536)];
      const heads = ['a', 'b'].flatMap((name) => headOf(name, first, last) ?? []);
      callsOf(heads);
    },
  }),
  textParser({
    name: 'name of a journal',
    seeds: NAMES,
    read(path) {
      nameOf(path);
      assertFinite(parseName(path));
      const name = transcriptName(path, 1_795_400_000_000);
      if (!/^[\w-]{1,100}$/.test(name)) throw new Error(`a name that is none: ${name}`);
    },
  }),
];
