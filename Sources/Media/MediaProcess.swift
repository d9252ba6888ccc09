import Links
import Linux
import WebRTC

/// The media process: the media plane with its socket, its encoders, and its links to the supervisor and the server.
public enum MediaProcess {
  /// Runs until the supervisor says stop or is gone. Returns the exit code: 0 after a stop, 1 if it could not start or the
  /// supervisor vanished.
  public static func run(_ options: MediaOptions) -> Int32 {
    Log.setName("media")
    do {
      let loop = try EventLoop()
      let plane = try MediaPlane(options, loop: loop)
      try plane.start()
      loop.run()
      plane.finish()
      return plane.exitCode
    } catch {
      Log.error("cannot start: \(error)")
      return 1
    }
  }
}
