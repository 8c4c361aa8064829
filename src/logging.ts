import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

const SECRETS = ['apiKey', 'apiSecret', 'sharedKey', 'token', 'authorization'];

/**
 * Lines of JSON. The one who makes it passes it down; whoever is about one room or track logs through a child that
 * carries its sid. Neither what people say nor, at `info` and above, their names belong in a line.
 * @param level the least severe lines to write
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[secret]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
