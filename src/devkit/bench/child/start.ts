import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Calls, Question } from './calls.js';

/** A part of a benchmark that has a process of its own, so that its cost is not mixed with what is measured. */
export interface Child<T extends Calls<T>> {
  /** @throws Error with the message of what failed over there, when the process has ended, or when stopped */
  ask<Name extends keyof T & string>(
    name: Name,
    ...args: Parameters<T[Name]>
  ): Promise<Awaited<ReturnType<T[Name]>>>;
  /** Lets it end what it has, and resolves when it is gone. Idempotent. */
  close(): Promise<void>;
}

const PATIENCE_MS = 15_000;

/**
 * @param module a program that calls `answerCalls`
 * @param signal when it is aborted, nothing that was asked is waited for any longer
 */
export function startChild<T extends Calls<T>>(module: URL, signal: AbortSignal): Child<T> {
  const child = fork(fileURLToPath(module), {
    serialization: 'advanced',
    // rtc-node prints a debug line for every event of a room unless this is set.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const asked = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >();
  let questions = 0;
  const giveUp = (error: Error) => {
    for (const { reject } of asked.values()) reject(error);
    asked.clear();
  };
  const onAbort = () => giveUp(new Error('stopped'));
  signal.addEventListener('abort', onAbort);
  const exited = once(child, 'exit').then(() => {
    signal.removeEventListener('abort', onAbort);
    giveUp(new Error(`${module.pathname} has ended`));
  });
  child.on('message', (message) => {
    const answer = message as Answer;
    const waiting = asked.get(answer.id);
    asked.delete(answer.id);
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value as never);
  });

  return {
    ask(name, ...args) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const id = (questions += 1);
        asked.set(id, { resolve, reject });
        const question: Question = { id, name, args };
        child.send(question, (error) => {
          if (error && asked.delete(id)) reject(error);
        });
      });
    },
    async close() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
