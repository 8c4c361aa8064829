type Kind = 'low_pass' | 'high_pass';

interface Section {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
  z1: number;
  z2: number;
}

/** A Butterworth filter of an even order, as a chain of second-order sections. It remembers what went before. */
export class Filter {
  private readonly sections: readonly Section[];

  constructor(kind: Kind, cutoffHz: number, sampleRate: number, order: number) {
    const pairs = order / 2;
    this.sections = Array.from({ length: pairs }, (_, pair) => {
      const quality = 1 / (2 * Math.cos((Math.PI * (2 * pair + 1)) / (2 * order)));
      return section(kind, (2 * Math.PI * cutoffHz) / sampleRate, quality);
    });
  }

  step(sample: number): number {
    let value = sample;
    for (const part of this.sections) {
      const output = part.b0 * value + part.z1;
      part.z1 = part.b1 * value - part.a1 * output + part.z2;
      part.z2 = part.b2 * value - part.a2 * output;
      value = output;
    }
    return value;
  }
}

function section(kind: Kind, omega: number, quality: number): Section {
  const alpha = Math.sin(omega) / (2 * quality);
  const cosine = Math.cos(omega);
  const scale = 1 + alpha;
  const outer = (kind === 'low_pass' ? 1 - cosine : 1 + cosine) / 2 / scale;
  return {
    b0: outer,
    b1: kind === 'low_pass' ? 2 * outer : -2 * outer,
    b2: outer,
    a1: (-2 * cosine) / scale,
    a2: (1 - alpha) / scale,
    z1: 0,
    z2: 0,
  };
}
