import type { CaptionPreferences } from './presets.js';

/** The words of `<room-captions>`, to be replaced for other languages. */
export type CaptionTexts = {
  /** Of the button and of the panel. */
  readonly settings: string;
  readonly close: string;
  readonly reset: string;
  /** A caption that shows how it will look. */
  readonly sample: string;
  /** Of the live region. */
  readonly captions: string;
} & {
  readonly [K in keyof CaptionPreferences]: { readonly title: string } & {
    readonly [V in CaptionPreferences[K]]: string;
  };
};

export const ENGLISH: CaptionTexts = {
  settings: 'Caption settings',
  close: 'Done',
  reset: 'Reset',
  sample: 'This is how captions look.',
  captions: 'Captions',
  size: { title: 'Text size', small: 'Small', medium: 'Medium', large: 'Large', huge: 'Huge' },
  colours: {
    title: 'Colours',
    white: 'White on black',
    yellow: 'Yellow on black',
    black: 'Black on white',
    cream: 'Cream on blue',
  },
  ground: { title: 'Background', solid: 'Solid', shaded: 'See-through' },
  mode: { title: 'Words appear', 'roll-up': 'As they are said', 'pop-on': 'A sentence at a time' },
  lines: { title: 'Lines', 2: '2', 3: '3', 4: '4' },
};
