() => {
  // Runs before the page's own scripts: what the policy refuses becomes an error on the console, which fails the test,
  // and every session description is kept for the test's output.
  addEventListener('securitypolicyviolation', (event) => {
    console.error(`policy ${event.violatedDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
  });
  addEventListener('unhandledrejection', (event) => console.error(`unhandled rejection: ${event.reason}`));
  // How many notes were struck, and how many melodies were cut off.
  window.testNotes = 0;
  window.testHushed = 0;
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...given) {
    window.testNotes += 1;
    return start.apply(this, given);
  };
  const { disconnect } = AudioNode.prototype;
  AudioNode.prototype.disconnect = function (...given) {
    window.testHushed += 1;
    return disconnect.apply(this, given);
  };
  // Firefox without a display does not draw every window, though it says that it is shown and pictures are there to be read: then its
  // own callback never comes. This one comes when the picture has changed.
  if (navigator.userAgent.includes('Firefox')) {
    const context = new OffscreenCanvas(64, 48).getContext('2d', { willReadFrequently: true });
    const seen = new WeakMap();
    HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
      const look = () => {
        if (this.readyState >= 2 && this.videoWidth > 0) {
          context.drawImage(this, 0, 0, 64, 48);
          const picture = context.getImageData(0, 0, 64, 48).data.join();
          if (picture !== seen.get(this)) {
            seen.set(this, picture);
            return callback(performance.now());
          }
        }
        setTimeout(look, 20);
      };
      setTimeout(look, 20);
    };
  }
  window.testConnections = [];
  const Connection = RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(...given) {
      super(...given);
      window.testConnections.push(this);
    }
  };
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
