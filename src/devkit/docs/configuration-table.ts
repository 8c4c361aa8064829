import { describeEnvironment, type VariableDescription } from '../../config/environment.js';

/** The README's table of variables, from the schema that checks them. */
export function configurationTable(): string {
  return [
    '| variable | default | |',
    '| --- | --- | --- |',
    ...describeEnvironment().map(row),
    '| `PULSE_LANGUAGE` | `en` | a language of Pulse (`en-US` works too), or `auto` |',
    "| `PULSE_*` | the API's own | the other options of the API by their names in capitals: see `.env.example` |",
  ].join('\n');
}

function row({ name, fallback, doc, secret }: VariableDescription): string {
  const text = secret ? `${doc} (secret)` : doc;
  return `| \`${name}\` | ${shown(fallback)} | ${text.replaceAll('|', '\\|')} |`;
}

function shown(fallback: string | undefined): string {
  switch (fallback) {
    case undefined:
      return 'required';
    case '':
      return 'none';
    default:
      return `\`${fallback}\``;
  }
}
