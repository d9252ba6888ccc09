async () => {
  // What comes into the page's connections: of the statistics of each kind the one with most bytes.
  const inbound = {};
  for (const connection of window.testConnections) {
    if (connection.connectionState === 'closed') continue;
    for (const one of (await connection.getStats()).values()) {
      if (one.type !== 'inbound-rtp' || (inbound[one.kind]?.bytesReceived ?? -1) >= one.bytesReceived) continue;
      inbound[one.kind] = one;
    }
  }
  return inbound;
}
