import type { Answer, Question } from './calls.js';

/**
 * The child's end: answers what its parent asks, and ends when the parent lets go of it or dies. Ctrl-C reaches both;
 * the parent decides.
 * @param close called before the process ends
 */
export function answerCalls(
  calls: Readonly<Record<string, (...args: never[]) => Promise<unknown>>>,
  close: () => Promise<void>,
): void {
  const send = (answer: Answer) => {
    if (process.connected) process.send?.(answer);
  };
  process.on('message', (message) => {
    const { id, name, args } = message as Question;
    const call = calls[name];
    const answered = call
      ? call(...(args as never[]))
      : Promise.reject(new Error(`nobody answers ${name}`));
    answered.then(
      (value) => send({ id, value }),
      (error: unknown) =>
        send({ id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => void close().finally(() => process.exit(0)));
}
