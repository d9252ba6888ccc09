import Configuration
import Linux

extension FuzzTarget {
  /// The two configuration files, split at a line of three dashes, and overrides behind a second one. Either everything lies within
  /// its bounds, or the refusal names the place; the same text is always judged the same way.
  static let configuration = FuzzTarget(
    "configuration",
    seeds: {
      [
        "[box]\nname = Camp 7\n[calls]\npresets = ann, bea\nring-seconds = 5\n---\n[camera]\nwidth = 1280\nheight = 720\nfps = 30\n",
        "# nothing\n---\n[board]\nmodel = rpi4\n[buttons]\nchip = gpiochip0\ncall = GPIO17\nactive = low\nbias = pull-up\n",
        "---\n[lamps]\nstatus-blue = led:ACT\n[sound]\ngain = -12.5\n[supervision]\nmost-restarts = 3\n---\ncamera.fps=15\nbox.name=X\n",
        "[network]\nlisten = ::1\nhttps-port = 0\naddresses = 10.0.0.1, 10.0.0.2\n---\n[microphone]\nsource = file\nfile = a b.wav\n",
      ].map { Array($0.utf8) }
    },
    run: { view in
      let text = String(decoding: view.array, as: UTF8.self)
      let (first, again) = (judge(text), judge(text))
      switch (first, again) {
      case (.success(let one), .success(let other)):
        return one == other ? complaint(one) : "the same text is another configuration the second time"
      case (.failure(let one), .failure(let other)):
        if one != other { return "the same text is refused in another way the second time" }
        return one.expected.isEmpty || one.file.isEmpty ? "a refusal that helps nobody: \(one)" : nil
      default: return "the same text is refused only once"
      }
    })

  private static func judge(_ text: String) -> Result<Configuration, ConfigurationError> {
    var parts: [[Substring]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "---", parts.count < 3 { parts.append([]) } else { parts[parts.count - 1].append(line) }
    }
    let files = parts.prefix(2).map { $0.joined(separator: "\n") }
    let settings = parts.count > 2 ? parts[2].filter { !$0.isEmpty }.map(String.init) : []
    return Result { () throws(ConfigurationError) in
      try Configuration.parse(box: files.first, board: files.count > 1 ? files[1] : nil, settings: settings)
    }
  }

  private static func complaint(_ configuration: Configuration) -> String? {
    let board = configuration.board
    if !(16...4_096).contains(board.width) || !(16...4_096).contains(board.height) { return "a picture without bounds" }
    if !(1...240).contains(board.framesPerSecond) { return "\(board.framesPerSecond) pictures a second" }
    if board.heartbeatMilliseconds < 10 || board.mostRestarts < 1 || board.restartsWithinSeconds < 1 {
      return "supervision without bounds"
    }
    let ports = [configuration.box.httpsPort, configuration.box.httpPort, configuration.box.mediaPort]
    if !ports.allSatisfy((0...65_535).contains) { return "a port that is none" }
    if configuration.box.ringSeconds <= 0 || !configuration.box.ringSeconds.isFinite { return "it rings for no time" }
    return nil
  }
}
