import { createRequire } from 'node:module';
import type * as PinoPretty from 'pino-pretty';
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

const SECRETS = ['apiKey', 'apiSecret', 'sharedKey', 'token', 'authorization'];

/**
 * Lines of JSON, or lines for people where they go to a terminal. The one who makes it passes it down; whoever is about
 * one room or track logs through a child that carries its sid. What people say is in no line; their names, identities
 * and what they typed in none above `debug`.
 * @param level the least severe lines to write
 * @param pretty whether people read them. Default: when they go to a terminal
 */
export function createLogger(
  level: string,
  destination?: DestinationStream,
  pretty = destination === undefined && process.stdout.isTTY,
): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[secret]',
    },
  };
  const stream = pretty ? prettyStream(destination) : destination;
  return stream ? pino(options, stream) : pino(options);
}

/** In this thread, so that the last lines before a crash are there. */
function prettyStream(destination: DestinationStream = process.stdout): DestinationStream {
  // Loaded only where there is a terminal.
  const load = createRequire(import.meta.url);
  const { prettyFactory } = load('pino-pretty') as typeof PinoPretty;
  const write = prettyFactory({
    singleLine: true,
    ignore: 'pid',
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return { write: (line) => destination.write(write(line)) };
}
