/** What one process may ask of another: names, with what they take and give. All of it has to survive a copy. */
export type Calls<T> = {
  readonly [Name in keyof T]: (...args: never[]) => Promise<unknown>;
};

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };
