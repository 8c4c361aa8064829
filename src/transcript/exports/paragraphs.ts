import { joint } from '../../captions/writing.js';
import { inOrder, labelOf, oneLine, type Passage } from './passage.js';

/** What one person says without another in between. Times are milliseconds. */
export interface Paragraph {
  readonly label: string;
  readonly start: number;
  readonly text: string;
}

/** Of silence after which the same person begins a new paragraph. */
const PAUSE_MS = 10_000;
/** Characters after which the next passage begins a new paragraph, so that it has a time. */
const LONG = 800;

/** In the order of time. */
export function* paragraphsOf(passages: readonly Passage[]): Generator<Paragraph> {
  let last: { label: string; start: number; end: number; text: string } | undefined;
  const labels = new Map<string, string>();
  for (const { speaker, start, end, text } of inOrder(passages)) {
    const key = JSON.stringify([speaker.label, speaker.identity]);
    const label = labels.get(key) ?? labelOf(speaker);
    labels.set(key, label);
    const line = oneLine(text);
    if (last?.label === label && start - last.end < PAUSE_MS && last.text.length < LONG) {
      last.text += joint(last.text, line) + line;
      last.end = Math.max(last.end, end);
    } else {
      if (last) yield last;
      last = { label, start, end, text: line };
    }
  }
  if (last) yield last;
}
