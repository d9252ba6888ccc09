// Who is shown, and in which order: the box first, then those who can be reached.
import { language } from './language.js';

const rank = { online: 0, busy: 1, asleep: 2, offline: 3 };

export function sortedPeople(people, meId) {
  const collator = new Intl.Collator(language === 'zh' ? 'zh-Hans' : 'en', { numeric: true, sensitivity: 'base' });
  return Array.from(people.values())
    .filter((person) => person.id !== meId)
    .sort(
      (a, b) =>
        Number(b.kind === 'box') - Number(a.kind === 'box') ||
        (rank[a.presence] ?? 3) - (rank[b.presence] ?? 3) ||
        collator.compare(a.displayName, b.displayName) ||
        (a.id < b.id ? -1 : 1),
    );
}

export function matches(person, text) {
  const wanted = text.trim().toLocaleLowerCase();
  return (
    person.displayName.toLocaleLowerCase().includes(wanted) || (person.kind !== 'box' && person.id.includes(wanted))
  );
}

export function canBeCalled(person) {
  return person.presence !== 'offline';
}
