/** An element with attributes and children. Texts become text nodes, whatever is in them. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Leaves the document alone when nothing changes: selections and screen readers notice each change. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
