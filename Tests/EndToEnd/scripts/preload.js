() => {
  // Runs before the page's own scripts: what the policy refuses becomes an error on the console, which fails the test,
  // and every session description is kept for the test's output.
  addEventListener('securitypolicyviolation', (event) => {
    console.error(`policy ${event.violatedDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
  });
  addEventListener('unhandledrejection', (event) => console.error(`unhandled rejection: ${event.reason}`));
  window.testDescriptions = [];
  for (const name of ['setRemoteDescription', 'setLocalDescription']) {
    const own = RTCPeerConnection.prototype[name];
    RTCPeerConnection.prototype[name] = async function (...given) {
      await own.apply(this, given);
      const side = name === 'setRemoteDescription' ? this.remoteDescription : this.localDescription;
      window.testDescriptions.push({ type: side.type, sdp: side.sdp });
    };
  }
}
