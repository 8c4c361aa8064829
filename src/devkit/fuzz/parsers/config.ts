import { ConfigError, loadConfig } from '../../../config/config.js';
import { type FuzzedParser, textParser } from '../fuzzed-parser.js';

const SECRET = 'A-SECRET-THAT-NOBODY-SEES';
const FILE = `
LIVEKIT_URL=wss://livekit.example.org
LIVEKIT_API_KEY=APIkey
LIVEKIT_API_SECRET=${SECRET}
SMALLEST_API_KEY=${SECRET}
AGENT_NAME=captions
CAPTIONS_OUTPUTS=streams,data
CAPTIONS_INTERVAL_MS=100
TRANSCRIPT_STORE=s3://bucket/prefix
WEBHOOK_URL=https://example.org/hook
HEALTH_PORT=8081
PULSE_LANGUAGE=en-US
PULSE_KEYWORDS=Blackwell:1,Jensen Huang:2
PULSE_EOU_TIMEOUT_MS=800
`;

export const configParsers: readonly FuzzedParser[] = [
  textParser({
    name: 'environment',
    seeds: [FILE, 'LIVEKIT_URL=ws://a'],
    read: (text) => loadConfig(variablesIn(text)),
    mayThrow: (error) => error instanceof ConfigError && !error.message.includes(SECRET),
  }),
];

function variablesIn(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=')];
    }),
  );
}
