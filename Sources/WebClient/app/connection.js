// What the connections of this page have in common, whoever is at the other end.

// No STUN or TURN server: the box is on the same network, and there may be no other.
export const configuration = { iceServers: [], bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' };

export class Connection {
  connection;
  /** Who waits for statistics. */
  #asking = new Set();

  constructor(connection = new RTCPeerConnection(configuration)) {
    this.connection = connection;
  }

  get state() {
    return this.connection.connectionState;
  }

  get statistics() {
    return this.statisticsOf(this.connection);
  }

  /** Of the connection, or of a part of it. Nothing once it is closed: Firefox never answers who asked just before that. */
  statisticsOf(source) {
    return new Promise((resolve, reject) => {
      this.#asking.add(resolve);
      source.getStats().then(resolve, reject).finally(() => this.#asking.delete(resolve));
    });
  }

  get descriptions() {
    return { local: this.connection.localDescription?.sdp ?? '', remote: this.connection.remoteDescription?.sdp ?? '' };
  }

  /** The first of a kind. */
  transceiver(kind) {
    return this.connection.getTransceivers().find((one) => one.receiver.track.kind === kind);
  }

  close() {
    this.connection.close();
    for (const resolve of this.#asking) resolve(new Map());
  }
}

/** Sends `track` from now on, or nothing for null. */
export function replace(sender, track) {
  // Fails only when the connection is closed meanwhile, and then there is nobody to send to.
  return sender?.replaceTrack(track).catch(() => {});
}
