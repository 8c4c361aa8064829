/** One instruction, its lines joined. */
export interface Instruction {
  /** In capitals. */
  readonly keyword: string;
  /** Everything behind it; arguments from `ARG` are put in. */
  readonly value: string;
}

export interface Stage {
  /** Empty where it has none. */
  readonly name: string;
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, as far as ours uses the language: no heredocs, no escapes besides line ends. */
export function parseDockerfile(text: string): Stage[] {
  const args = new Map<string, string>();
  const stages: { name: string; image: string; instructions: Instruction[] }[] = [];
  const joined = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
  for (const line of joined.split('\n').map((one) => one.trim())) {
    const [, keyword, raw] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (keyword === undefined || raw === undefined) continue;
    const stage = stages.at(-1);
    if (keyword === 'ARG' && !stage) {
      const [name = '', value = ''] = raw.split('=', 2);
      args.set(name, value);
    } else if (keyword === 'FROM') {
      const value = raw.replace(/\$\{(\w+)\}/g, (_all, name: string) => args.get(name) ?? '');
      const [, image = '', name = ''] = /^(?:--\S+ )?(\S+)(?: AS (\S+))?$/.exec(value) ?? [];
      stages.push({ name, image, instructions: [] });
    } else {
      stage?.instructions.push({ keyword, value: raw.replace(/\s+/g, ' ') });
    }
  }
  return stages;
}

/** What the last instruction of a kind says, as a program with its arguments. */
export function execForm(stage: Stage, keyword: string): string[] {
  const value = stage.instructions.findLast((one) => one.keyword === keyword)?.value ?? '[]';
  return JSON.parse(value.slice(value.indexOf('['))) as string[];
}
