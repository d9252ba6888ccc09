// What goes over the air in a call or a room: codecs, rates, loss, round trip, and the session descriptions.
import { say } from './language.js';
import { find } from './page.js';

const everyMilliseconds = 1_000;
let timer = 0;
let source = () => null;
/** id → {bytes, at} of the last look, and at which connection that was. */
let before = new Map();
let seen = null;

export function setUpStatisticsSheet() {
  const sheet = find('statistics');
  find('statistics-close').addEventListener('click', () => sheet.close());
  sheet.addEventListener('click', (event) => event.target === sheet && sheet.close());
  sheet.addEventListener('close', () => clearInterval(timer));
}

/** `peerOf()` gives the connection to tell of, or null once there is none. */
export function openStatistics(peerOf) {
  source = peerOf;
  before = new Map();
  find('statistics').showModal();
  clearInterval(timer);
  timer = setInterval(look, everyMilliseconds);
  look();
}

async function look() {
  const peer = source();
  if (!peer) return find('statistics').close();
  if (peer !== seen) before = new Map();
  seen = peer;
  const report = await peer.statistics;
  const rows = [];
  // In a room there is but one way.
  if (peer.way) rows.push([say('statistics.way'), say(`statistics.way.${peer.way}`)]);
  for (const one of report.values()) {
    if (one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded') {
      rows.push([say('statistics.roundTrip'), `${Math.round((one.currentRoundTripTime ?? 0) * 1_000)} ms`]);
    }
  }
  for (const one of report.values()) {
    if (one.type !== 'inbound-rtp' && one.type !== 'outbound-rtp') continue;
    const line = stream(one, report);
    if (line) rows.push(line);
  }
  find('statistics-rows').replaceChildren(
    ...rows.flatMap(([name, value]) => {
      const term = document.createElement('dt');
      const text = document.createElement('dd');
      term.textContent = name;
      text.textContent = value;
      return [term, text];
    }),
  );
  const { local, remote } = peer.descriptions;
  find('statistics-sdp').textContent = `${remote}\n${local}`;
}

function stream(one, report) {
  const inbound = one.type === 'inbound-rtp';
  const bytes = (inbound ? one.bytesReceived : one.bytesSent) ?? 0;
  const last = before.get(one.id);
  before.set(one.id, { bytes, at: one.timestamp });
  if (!last || bytes === last.bytes) return null;
  const rate = ((bytes - last.bytes) * 8) / Math.max(1, one.timestamp - last.at);
  const codec = report.get(one.codecId)?.mimeType?.split('/')[1] ?? '';
  const words = [codec, `${Math.round(rate)} kbit/s`];
  if (one.frameHeight) words.push(`${one.frameWidth}×${one.frameHeight}`);
  if (one.framesPerSecond) words.push(`${Math.round(one.framesPerSecond)}/s`);
  if (inbound) words.push(say('statistics.lost', { count: Math.max(0, one.packetsLost ?? 0) }));
  if (one.rid) words.push(one.rid);
  return [say(`statistics.${inbound ? 'in' : 'out'}.${one.kind}`, { mid: one.mid ?? '' }), words.filter(Boolean).join(' · ')];
}
