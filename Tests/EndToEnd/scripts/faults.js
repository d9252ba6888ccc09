(smallest, within) => {
  // What no screen may have: a page wider than the window, text cut off by the edge, targets too small or without a name,
  // and text that does not stand out from what is behind it (WCAG 2.2 AA).
  const faults = [];
  const say = (element, words) => faults.push(`${element.id || element.className || element.tagName}: ${words}`);
  const root = within ? document.querySelector(within) : document.body;
  if (document.documentElement.scrollWidth > innerWidth) faults.push('the page is wider than the window');

  const shown = (element) => {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  };
  for (const element of root.querySelectorAll('button, input:not([type=radio]), [role=tab]')) {
    if (!shown(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.width < smallest - 0.5 || box.height < smallest - 0.5) {
      say(element, `target of ${Math.round(box.width)}×${Math.round(box.height)}, wanted ${smallest}`);
    }
    const name =
      element.getAttribute('aria-label') || element.innerText?.trim() || Array.from(element.labels ?? [], (one) => one.innerText).join(' ');
    if (!name) say(element, 'has no name');
  }

  const parse = (color) => {
    const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return { red, green, blue, alpha };
  };
  const over = (top, bottom) => {
    const mix = (channel) => top[channel] * top.alpha + bottom[channel] * (1 - top.alpha);
    return { red: mix('red'), green: mix('green'), blue: mix('blue'), alpha: 1 };
  };
  const luminance = ({ red, green, blue }) => {
    const [r, g, b] = [red, green, blue].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // The colour behind an element, or null where a picture is behind it.
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== 'none') return null;
      const color = parse(style.backgroundColor);
      layers.push(color);
      if (color.alpha === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), parse(getComputedStyle(document.body).backgroundColor));
  };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(element) || element.closest('.visually-hidden, [aria-disabled=true], svg')) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (box.width && (box.left < -1 || box.right > innerWidth + 1) && getComputedStyle(element).textOverflow !== 'ellipsis') {
      say(element, `text beyond the edge: ${walker.currentNode.data.trim()}`);
    }
    const behind = ground(element);
    if (!behind) continue;
    const style = getComputedStyle(element);
    const lights = [luminance(over(parse(style.color), behind)), luminance(behind)].sort((a, b) => b - a);
    const ratio = (lights[0] + 0.05) / (lights[1] + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) say(element, `contrast ${ratio.toFixed(2)} of “${walker.currentNode.data.trim()}”`);
  }
  return faults;
}
