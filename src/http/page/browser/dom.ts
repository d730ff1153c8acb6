/** Text only ever becomes a text node: nothing here, and nothing on this page, makes markup of a string. */

/** An element of the document that must be there. */
export const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found;
};

/** Touches the document only when something changes: layout, screen readers and selections are left alone. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};

export const setAttribute = (element: Element, name: string, value: string | undefined): void => {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
};

export const setHidden = (element: HTMLElement, hidden: boolean): void => {
  if (element.hidden !== hidden) element.hidden = hidden;
};

/** How full a bar is, 0 to 1. */
export const setFill = (bar: HTMLElement, fraction: number): void => {
  const clamped = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  const value = `scaleX(${Number(clamped.toFixed(3))})`;
  if (bar.style.transform !== value) bar.style.transform = value;
};

export const element = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = "",
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
};

/** Shape beside a word; the word says it all, so it is not read out. */
export const sign = (className = "sign"): HTMLElement => {
  const made = element("span", className);
  made.setAttribute("aria-hidden", "true");
  return made;
};

/** A bar beside the number it draws. */
export const bar = (): { readonly root: HTMLElement; readonly fill: HTMLElement } => {
  const fill = element("span", "fill");
  const root = element("span", "bar", fill);
  root.setAttribute("aria-hidden", "true");
  return { root, fill };
};

export interface RowView<T> {
  readonly root: HTMLElement;
  update(item: T): void;
}

/** Keeps the children of `parent` the same as a list: one child per key, reused, moved only when its place changed. */
export const keyedList = <T>(
  parent: HTMLElement,
  keyOf: (item: T) => string,
  create: () => RowView<T>,
): ((items: readonly T[]) => void) => {
  let views = new Map<string, RowView<T>>();
  let first = true;
  return (items) => {
    const next = new Map<string, RowView<T>>();
    for (const item of items) {
      const key = keyOf(item);
      const known = views.get(key);
      const view = known ?? create();
      // What is there from the start is not news.
      if (known === undefined && !first) view.root.classList.add("new");
      view.update(item);
      next.set(key, view);
    }
    for (const [key, { root }] of views) if (!next.has(key)) root.remove();
    let place = parent.firstElementChild;
    for (const { root } of next.values()) {
      if (root === place) place = place.nextElementSibling;
      else parent.insertBefore(root, place);
    }
    views = next;
    first = false;
  };
};
