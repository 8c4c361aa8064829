import { make } from './dom.js';
import type { Preferences } from './preferences.js';
import { CHOICES, type CaptionPreferences } from './presets.js';
import type { CaptionTexts } from './texts.js';

/** The panel in which a reader chooses: radio buttons, so that the keyboard and screen readers know it. */
export class Settings {
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;

  constructor(
    private readonly preferences: Preferences,
    texts: CaptionTexts,
  ) {
    const title = make('h2', { id: 'title' }, texts.settings);
    const close = make(
      'button',
      { type: 'button', popovertarget: 'panel', popovertargetaction: 'hide' },
      texts.close,
    );
    const reset = make('button', { type: 'button' }, texts.reset);
    reset.addEventListener('click', () => preferences.reset());
    this.panel = make(
      'div',
      { id: 'panel', part: 'settings', popover: '', role: 'dialog', 'aria-labelledby': 'title' },
      title,
      make(
        'p',
        { class: 'sample', 'aria-hidden': 'true' },
        make('span', { part: 'block' }, texts.sample),
      ),
      ...Object.entries(CHOICES).map(([name, choices]) => choiceOf(name, choices, texts)),
      make('footer', {}, reset, close),
    );
    this.panel.addEventListener('change', ({ target }) => {
      const { name, value } = target as HTMLInputElement;
      preferences.choose({ [name]: value });
    });
    this.button = make(
      'button',
      {
        type: 'button',
        part: 'settings-button',
        popovertarget: 'panel',
        'aria-label': texts.settings,
        title: texts.settings,
      },
      'Aa',
    );
    this.panel.addEventListener('toggle', ({ newState }) => {
      // Browsers lead back to the button by themselves, but not all of them into a shadow tree.
      const { host } = this.panel.getRootNode() as ShadowRoot;
      const { activeElement, body } = document;
      if (newState === 'closed' && (activeElement === host || activeElement === body)) {
        this.button.focus();
      }
    });
  }

  /** Marks what is chosen. */
  show(): void {
    const { current } = this.preferences;
    for (const radio of this.panel.querySelectorAll('input')) {
      radio.checked = radio.value === String(current[radio.name as keyof CaptionPreferences]);
      // Where the focus goes when the panel opens.
      radio.autofocus = radio.checked;
    }
  }
}

function choiceOf(name: string, choices: object, texts: CaptionTexts): HTMLElement {
  const labels = texts[name as keyof CaptionPreferences] as { readonly [value: string]: string };
  return make(
    'fieldset',
    {},
    make('legend', {}, labels['title'] ?? name),
    ...Object.keys(choices).map((value) =>
      make('label', {}, make('input', { type: 'radio', name, value }), labels[value] ?? value),
    ),
  );
}
