// A browser's own long description of itself, in two words that people know.

const systems = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/CrOS/, 'ChromeOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/Linux|X11/, 'Linux'],
];
const browsers = [
  [/Edg(A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\/|Chromium\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

export function deviceWords(description) {
  const text = description ?? '';
  const named = (table) => table.find(([pattern]) => pattern.test(text))?.[1];
  const words = [named(browsers), named(systems)].filter(Boolean).join(' · ');
  return words || text.slice(0, 60) || '–';
}
