const PIECES: readonly (string | Buffer)[] = [
  'not json {',
  '{"type":"weather","degrees":21}',
  'null',
  '42',
  '[]',
  '{}',
  '""',
  '{"type":"transcription"}',
  '{"type":"transcription","status":"success","transcript":null,"words":"none"}',
  '{"type":"speech_started"}x',
  Buffer.from([0, 255, 1, 254]),
];

/** Messages that no client asked for, one after the other. None of them means anything. */
export class Junk {
  private next = 0;

  take(): string | Buffer {
    const piece = PIECES[this.next % PIECES.length] ?? '';
    this.next += 1;
    return piece;
  }
}
