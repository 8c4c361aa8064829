/** Of `<room-captions>`: themed by the properties `--captions-…` and by its parts. Shipped as it stands, so: a line a rule. */
export const STYLES = `
:host { position: absolute; inset: 0; display: block; container-type: inline-size; pointer-events: none; --text: var(--captions-color, #fff); --ground: var(--captions-background, #000) }
:host([hidden]) { display: none }
* { box-sizing: border-box }
p, h2 { margin: 0 }
[part=overlay] { position: absolute; inset: auto 0 0; display: flex; flex-flow: column; gap: .4em; align-items: center; padding: var(--captions-inset, .75em 3.25rem); font: 500 calc(var(--scale) * clamp(1rem, 2.6cqi, 1.75rem))/1.4 var(--captions-font, system-ui, sans-serif) }
[part~=block] { max-width: min(100%, var(--captions-width, 34em)); padding: .2em .6em .3em; border-radius: var(--captions-radius, .35em); background: color-mix(in srgb, var(--ground) var(--cover), transparent); color: var(--text); overflow-wrap: anywhere }
[part=speaker] { display: block; overflow: hidden; font-size: max(.68em, .8rem); font-weight: 700; text-overflow: ellipsis; white-space: nowrap }
.clip { display: flex; flex-flow: column; justify-content: flex-end; max-height: calc(var(--n) * 1.4em); overflow: hidden }
[part=unsettled] { text-decoration: underline dotted .06em; text-underline-offset: .2em }
.log { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
button, label { pointer-events: auto; cursor: pointer }
[part=settings-button] { position: absolute; inset: auto .5rem .5rem auto; width: 2.5rem; height: 2.5rem; border: 1px solid #fff9; border-radius: .6rem; background: #000; color: #fff; font: 600 1rem/1 system-ui, sans-serif }
:focus-visible { outline: 3px solid #2f8cff; outline-offset: 2px }
[part=settings-button]:focus-visible { outline-color: #fff }
[part=settings] { width: min(25rem, 100vw - 1rem); max-height: calc(100dvh - 1rem); padding: 1rem 1.25rem; border: 1px solid #8889; border-radius: 1rem; background: Canvas; color: CanvasText; font: 1rem/1.4 system-ui, sans-serif; overflow-y: auto; pointer-events: auto }
[part=settings]::backdrop { background: #0006 }
h2 { font-size: 1.1rem }
.sample { display: grid; place-items: center; height: 5.5rem; margin: .75rem 0; border-radius: .6rem; background: linear-gradient(120deg, #7d9bb8, #d9c6a5, #6b7f5e); font-size: calc(var(--scale) * 1em); overflow: hidden }
fieldset { display: flex; flex-wrap: wrap; gap: .4rem; margin: .65rem 0 0; padding: 0; border: 0 }
legend { padding: 0 0 .3rem; font-weight: 600; font-size: .95rem }
label { position: relative; padding: .35rem .75rem; border: 1px solid #8889; border-radius: 2rem; font-size: .95rem }
label:has(:checked) { border-color: CanvasText; background: CanvasText; color: Canvas }
label:has(:focus-visible) { outline: 3px solid #2f8cff; outline-offset: 2px }
input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer }
footer { display: flex; justify-content: space-between; margin-top: 1.1rem }
footer button { padding: .5rem 1rem; border: 1px solid #8889; border-radius: 2rem; background: none; color: inherit; font: inherit }
@container (width < 30rem) {
  [part=overlay] { padding: var(--captions-inset, .5rem 3.25rem .5rem .5rem) }
}
@container (width > 40rem) {
  .together { flex-flow: row; align-items: end; justify-content: center }
}
@media (prefers-reduced-motion: no-preference) {
  [part~=block] { animation: appear .15s }
  @keyframes appear { from { opacity: 0 } }
}
@media (forced-colors: active) {
  [part~=block], [part=settings-button] { border: 1px solid }
  label:has(:checked) { outline: 3px solid Highlight }
}
`;
