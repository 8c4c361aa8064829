/** What is said in a file besides what was spoken. */
export interface Heading {
  readonly title: string;
  /** A code, where it is known of the whole. */
  readonly language?: string | undefined;
  /** More about it for people who read it as a text: a line each. */
  readonly facts?: readonly string[];
}
