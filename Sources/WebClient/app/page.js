// Finding elements and switching between the screens.

/** The element with that id, which the page must have. */
export function find(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element;
}

/** A fresh copy of the one element in a template. */
export function copyOf(templateId) {
  return find(templateId).content.firstElementChild.cloneNode(true);
}

/** Shows one of `splash`, `welcome`, `home`. */
export function showScreen(name) {
  document.body.dataset.screen = name;
  for (const screen of ['welcome', 'home']) find(screen).hidden = screen !== name;
}

/** Swaps the picture of an icon for another of the page. */
export function setIcon(button, name) {
  button.querySelector('use').setAttribute('href', `#${find(`icon-${name}`).id}`);
}

/** A button that cannot be used stays reachable, so that its name can be read. */
export function setUsable(button, usable) {
  if (usable) button.removeAttribute('aria-disabled');
  else button.setAttribute('aria-disabled', 'true');
}

export function isUsable(button) {
  return button.getAttribute('aria-disabled') !== 'true';
}
