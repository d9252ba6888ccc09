import Configuration
import Glibc
import Links
import Linux
import Server

/// The subcommands of the server's side, which the supervisor starts.
enum ServerCommands {
  /// `fieldbox sign`: one shot, before the server starts. It alone reads the authority's key.
  /// With `--clock-was-set` the clock counts, and not a later time that was seen before.
  static func sign(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    Log.setName("fieldbox-sign")
    guard arguments.isEmpty || arguments == ["--clock-was-set"] else {
      throw OptionError("sign does not know '\(arguments.joined(separator: " "))'")
    }
    let configuration = try common.load()
    let box = configuration.box
    // Of a listening address that is one of many, the certificate covers all that this machine has.
    var addresses = box.addresses
    if addresses.isEmpty { addresses = NetworkInterfaces.addresses(loopback: true).map(\.literal) }
    var owner: Owner?
    if geteuid() == 0, let user = getpwnam(box.serverUser) {
      owner = Owner(user: user.pointee.pw_uid, group: user.pointee.pw_gid)
    }
    do {
      let outcome = try SigningCommand.run(
        .init(
          paths: common.paths, name: box.hostName, addresses: addresses, serverOwner: owner,
          trustsClock: !arguments.isEmpty))
      switch outcome {
      case .kept: break
      case .signedLeaf(let reason): Log.info("new certificate: \(reason)")
      case .madeAuthority(let reason): Log.info("new certificate authority and certificate: \(reason)")
      }
      return 0
    } catch {
      Log.error("cannot sign: \(error)")
      return 1
    }
  }

  /// `fieldbox clock save|restore`
  static func clock(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    guard ["save", "restore"].contains(arguments.first), arguments.count == 1 else {
      throw OptionError("clock takes save or restore")
    }
    do throws(SystemError) {
      if arguments == ["save"] {
        try ClockCommand.save(common.paths)
      } else if let time = try ClockCommand.restore(common.paths) {
        Terminal.write("the clock was behind: it is \(UTC.text(milliseconds: time.milliseconds)) now\n")
      }
      return 0
    } catch {
      Terminal.writeError("fieldbox: \(error)")
      return 1
    }
  }

  /// `fieldbox server --control 3 --https 4 --http 5 [--memory 6]`
  static func server(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    var numbers: [String: Int32] = [:]
    var rest = arguments.makeIterator()
    while let option = rest.next() {
      guard ["--control", "--https", "--http", "--memory"].contains(option) else {
        throw OptionError("server does not know '\(option)'")
      }
      guard let number = rest.next().flatMap({ Int32($0) }), number > 2 else {
        throw OptionError("\(option) needs the number of an inherited descriptor")
      }
      numbers[option] = number
    }
    guard let control = numbers["--control"], let https = numbers["--https"], let http = numbers["--http"] else {
      throw OptionError("server needs --control, --https and --http: it is started by the supervisor")
    }
    return ServerProcess.run(
      .init(
        control: control, https: https, http: http, memory: numbers["--memory"], paths: common.paths,
        configuration: try common.load().box))
  }
}
