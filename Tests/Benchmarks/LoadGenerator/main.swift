import Glibc
import Linux
import WebRTC

// Phones without people, for measuring a server of WebRTC: the box or another. What they are told comes as lines of JSON
// (see LoadMessages.swift), so whoever drives it speaks to the server.

let usage = """
  usage: load-generator [--first-address 127.1.0.1] [--profile gcm|sha1]
  Commands are lines of JSON on the standard input, reports on the standard output; ends with its input.
  """

func value(_ name: String, _ fallback: String) -> String {
  let arguments = CommandLine.arguments
  guard let at = arguments.firstIndex(of: "--\(name)"), at + 1 < arguments.count else { return fallback }
  return arguments[at + 1]
}

Log.setName("load-generator")
if CommandLine.arguments.contains("--help") {
  print(usage)
  exit(0)
}
guard let first = SocketAddress(literal: value("first-address", "127.1.0.1"), port: 0), first.isIPv4,
  let profile = ["gcm": SRTPProfile.aeadAES128GCM, "sha1": .aes128CMSHA1With80BitTag][value("profile", "gcm")]
else {
  Log.error(usage)
  exit(2)
}
try Generator(firstAddress: first.ipv4, profiles: [profile]).run()
