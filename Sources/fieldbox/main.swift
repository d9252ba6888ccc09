import Glibc
import Media

// The first word says which process this is; each parses its own options.
let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "media":
  do {
    exit(MediaProcess.run(try MediaOptions(arguments: arguments.dropFirst())))
  } catch {
    print("fieldbox media: \(error)")
    exit(2)
  }
default:
  print("fieldbox")
}
