export interface ConfigFault {
  /** The environment variable's name. */
  readonly variable: string;
  /** What is wrong and what to do, without the value of a secret. */
  readonly problem: string;
}

/** Everything that is wrong with the environment, in one message of several lines. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'bad_config';

  constructor(readonly faults: readonly ConfigFault[]) {
    const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
    const lines = faults.map(({ variable, problem }) => `  ${variable}: ${problem}`);
    super(
      [
        `The configuration has ${count}:`,
        ...lines,
        'Every variable is described in .env.example.',
      ].join('\n'),
    );
  }
}
