// swift-tools-version: 6.0
import PackageDescription

/// A Debian library, bound by a module map and, where it is needed, a header-only shim.
func library(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// The tests of one module.
func tests(_ module: String, _ more: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(module)Tests", dependencies: [.byName(name: module), "TestSupport"] + more,
    path: "Tests/\(module)Tests", exclude: exclude)
}

let package = Package(
  name: "fieldbox",
  products: [.executable(name: "fieldbox", targets: ["fieldbox"])],
  targets: [
    // Floor 0: C libraries.
    .target(name: "CLinux", path: "Sources/CLinux"),
    library("CGPIOD", pkgConfig: "libgpiod", apt: "libgpiod-dev"),
    library("CALSA", pkgConfig: "alsa", apt: "libasound2-dev"),
    library("CV4L2", pkgConfig: "libv4l2", apt: "libv4l-dev"),
    library("COpus", pkgConfig: "opus", apt: "libopus-dev"),
    library("CVPX", pkgConfig: "vpx", apt: "libvpx-dev"),
    library("CYUV", apt: "libyuv-dev"),
    library("CSpeexDSP", pkgConfig: "speexdsp", apt: "libspeexdsp-dev"),
    library("CSRTP", pkgConfig: "libsrtp2", apt: "libsrtp2-dev"),
    library("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
    library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    library("CWebSockets", pkgConfig: "libwebsockets", apt: "libwebsockets-dev"),
    library("CSeccomp", pkgConfig: "libseccomp", apt: "libseccomp-dev"),
    library("CArgon2", pkgConfig: "libargon2", apt: "libargon2-dev"),

    // Floor 1: typed system calls, packet memory; the configuration files.
    .target(name: "Linux", dependencies: ["CLinux", "CSeccomp"]),
    .target(name: "Configuration", dependencies: ["Linux"], exclude: ["fieldbox.conf"]),

    // Floor 2: cores without I/O, codecs, drawing, devices, and the messages between the processes.
    .target(name: "Links", dependencies: ["Linux"]),
    .target(name: "WebRTC", dependencies: ["Linux", "COpenSSL", "CSRTP"]),
    .target(name: "Signaling", dependencies: ["Linux", "Links"], exclude: ["PROTOCOL.md", "openapi.json"]),
    .target(name: "Codecs", dependencies: ["Linux", "Links", "COpus", "CVPX", "CYUV", "CSpeexDSP"]),
    .target(name: "Drawing"),
    .target(name: "Hardware", dependencies: ["Linux", "Links", "Drawing", "CALSA", "CGPIOD", "CV4L2"]),

    // Floor 3: the three processes.
    .target(name: "Supervisor", dependencies: ["Linux", "Links", "Configuration", "Hardware"], exclude: ["FAULTS.md"]),
    .target(
      name: "Server",
      dependencies: [
        "Linux", "Links", "Configuration", "Signaling", "CWebSockets", "COpenSSL", "CSQLite", "CArgon2",
      ]),
    .target(name: "Media", dependencies: ["Linux", "Links", "WebRTC", "Codecs", "Drawing"]),

    // Floor 4: subcommands and wiring.
    .executableTarget(
      name: "fieldbox", dependencies: ["Supervisor", "Server", "Media", "Configuration", "Links", "Linux"]),

    // Tests: ring 1 by module, ring 2 with the real binary.
    .target(name: "CVirtualClock", path: "Tests/CVirtualClock"),
    .target(name: "TestSupport", dependencies: ["Linux", "CVirtualClock"], path: "Tests/TestSupport"),
    .target(name: "TestPeers", dependencies: ["Linux", "WebRTC", "Codecs", "TestSupport"], path: "Tests/TestPeers"),
    tests("Linux"),
    tests("Configuration"),
    tests("Links"),
    tests("WebRTC", ["COpenSSL", "CSRTP"], exclude: ["SDP/Descriptions"]),
    tests("Signaling"),
    tests("Codecs", ["COpus", "Links"]),
    tests("Hardware", ["Codecs", "Drawing", "Links", "Supervisor", "CGPIOD", "CALSA", "CV4L2"]),
    tests("Supervisor"),
    tests("Server", ["Configuration", "Links", "Signaling", "COpenSSL", "CSQLite", "CArgon2"]),
    tests("Media", ["TestPeers", "Codecs", "Drawing", "Links", "Linux"]),
    .testTarget(
      name: "BoxTests",
      dependencies: [
        "fieldbox", "TestSupport", "TestPeers", "Supervisor", "Configuration", "Linux", "Links", "Hardware",
        "Signaling",
      ],
      path: "Tests/BoxTests"),
    .executableTarget(
      name: "codec-baseline", dependencies: ["Linux", "Links", "Codecs", "Hardware"],
      path: "Tests/Benchmarks/CodecBaseline"),
    .executableTarget(
      name: "sound-care", dependencies: ["Linux", "Media"], path: "Tests/Benchmarks/SoundCare"),
    .executableTarget(
      name: "load-generator", dependencies: ["Linux", "WebRTC"], path: "Tests/Benchmarks/LoadGenerator"),
    .target(
      name: "FuzzTargets", dependencies: ["Configuration", "Linux", "Links", "Signaling", "WebRTC", "Codecs"],
      path: "Tests/Fuzz/Targets"),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "Codecs", "Linux"], path: "Tests/Fuzz/Bounded"),
  ]
)

// libFuzzer brings a main of its own, so this one builds for `Tests/Fuzz/run` alone.
if Context.environment["FIELDBOX_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets", "Linux"], path: "Tests/Fuzz/Driver",
      swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}
