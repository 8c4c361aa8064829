/** What a reader can choose. Every pair of text and ground meets WCAG AA over any picture; a test reckons it. */
export const SIZES = { small: 0.8, medium: 1, large: 1.4, huge: 2 } as const;

/** Text and ground. The first is what is shown until something is chosen, and the one that an app can theme. */
export const COLOURS = {
  white: ['#ffffff', '#000000'],
  yellow: ['#ffe95c', '#000000'],
  black: ['#111111', '#ffffff'],
  cream: ['#fff3d6', '#10213f'],
} as const;

/** How much of the picture the ground covers. */
export const GROUNDS = { solid: 1, shaded: 0.8 } as const;

export const MODES = { 'roll-up': 0, 'pop-on': 1 } as const;

export const LINES = { 2: 2, 3: 3, 4: 4 } as const;

export interface CaptionPreferences {
  /** `roll-up`: words appear as they are said, and lines move up. `pop-on`: whole captions, once they are final. */
  readonly mode: keyof typeof MODES;
  readonly size: keyof typeof SIZES;
  readonly colours: keyof typeof COLOURS;
  readonly ground: keyof typeof GROUNDS;
  /** Of text on the screen, while one person speaks. */
  readonly lines: keyof typeof LINES;
}

/** What there is to choose of each. */
export const CHOICES: { readonly [K in keyof CaptionPreferences]: object } = {
  size: SIZES,
  colours: COLOURS,
  ground: GROUNDS,
  mode: MODES,
  lines: LINES,
};

export const DEFAULTS: CaptionPreferences = {
  mode: 'roll-up',
  size: 'medium',
  colours: 'white',
  ground: 'shaded',
  lines: 3,
};
