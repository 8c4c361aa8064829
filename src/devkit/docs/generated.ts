import { format } from 'prettier';
import { configurationTable } from './configuration-table.js';

/** What is made from the code, by the name that stands in the marks around it. */
const PARTS: Readonly<Record<string, () => string>> = { configuration: configurationTable };

/**
 * A document with every `<!-- generated: name -->` … `<!-- end -->` made anew.
 * @throws Error for a part that is not known, or has no end
 */
export async function withGeneratedParts(markdown: string): Promise<string> {
  const made = markdown.replace(
    /(<!-- generated: ([\w-]+) -->)[^]*?(<!-- end -->|$)/g,
    (_all, begin: string, name: string, end: string) => {
      const part = PARTS[name];
      if (!part || end === '') throw new Error(`the part "${name}" is not known, or has no end`);
      return `${begin}\n\n${part()}\n\n${end}`;
    },
  );
  return format(made, { parser: 'markdown', printWidth: 100, singleQuote: true });
}
