import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, in that order: begun last, they would run when nothing is left to run beside them. */
const LONGEST = [
  'sockets/pulse-faults',
  'unit/transcript-crash',
  'unit/pulse-plan',
  'e2e/host-memory',
  'e2e/page',
  'e2e/captioner-faults',
  'e2e/handover',
  'e2e/recovery',
];

/** Those first, the others as Vitest does: what failed or took long the last time, else the larger file. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return place === -1 ? LONGEST.length : place;
}
