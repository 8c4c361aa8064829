/** The one element that the page's own HTML promises. Throws when page and program do not fit each other. */
export function find<T extends Element>(
  root: ParentNode,
  selector: string,
  type: abstract new () => T,
): T {
  const element = root.querySelector(selector);
  if (!(element instanceof type)) throw new TypeError(`The page has no ${type.name} ${selector}`);
  return element;
}

/** A copy of the first element in a template of the page. */
export function instantiate(template: HTMLTemplateElement): HTMLElement {
  const copy = template.content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) throw new TypeError(`The template ${template.id} is empty`);
  return copy;
}

/** Leaves the document alone when nothing changes: selections and screen readers notice each change. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
