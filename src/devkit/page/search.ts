/** Which of many texts have the words that are looked for. */
export class Search {
  #wanted = '';

  set words(words: string) {
    this.#wanted = plain(words.trim());
  }

  get active(): boolean {
    return this.#wanted !== '';
  }

  matches(...texts: readonly string[]): boolean {
    return texts.some((text) => plain(text).includes(this.#wanted));
  }

  /** Where the words stand in a text node, to be marked. Empty where signs are lost on the way to plain letters. */
  rangesIn(node: Node): Range[] {
    const text = node.textContent ?? '';
    const folded = plain(text);
    if (!this.active || folded.length !== text.length) return [];
    const ranges: Range[] = [];
    for (
      let at = folded.indexOf(this.#wanted);
      at >= 0;
      at = folded.indexOf(this.#wanted, at + 1)
    ) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + this.#wanted.length);
      ranges.push(range);
    }
    return ranges;
  }
}

/** Without case and accents: who looks for “cafe” finds “Café”. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}
