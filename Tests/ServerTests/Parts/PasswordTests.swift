import CArgon2
import Linux
import Signaling
import Testing

@testable import Server

@Suite struct PasswordTests {
  private let salt = [UInt8](0..<16)

  @Test func aHashMatchesItsPasswordAlone() throws {
    let hash = try #require(PasswordHash.encode(Secret("correct horse"), salt: salt))
    #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
    #expect(PasswordHash.matches(Secret("correct horse"), encoded: hash) == true)
    for other in ["correct hors", "correct horse ", "", "Correct horse", "correct horse\u{0}"] {
      #expect(PasswordHash.matches(Secret(other), encoded: hash) == false)
    }
    #expect(PasswordHash.encode(Secret("correct horse"), salt: salt.reversed()) != hash)
  }

  /// Whatever is compared for an unknown id must be computed in full: an encoding that is refused at once would tell.
  @Test func theHashOfNobodyIsComputed() {
    #expect(argon2id_verify(PasswordHash.ofNobody, "any password", 12) == ARGON2_VERIFY_MISMATCH.rawValue)
    let parameters = PasswordHash.ofNobody.split(separator: "$").prefix(3)
    #expect(PasswordHash.encode(Secret("x"), salt: salt)?.split(separator: "$").prefix(3) == parameters)
  }

  @Test(arguments: ["", "$argon2id$", "plain text", "$argon2id$v=19$m=99999999999,t=2,p=1$AAAA$AAAA"])
  func aDamagedHashMatchesNothing(_ encoded: String) {
    #expect(PasswordHash.matches(Secret("correct horse"), encoded: encoded) == false)
  }

  @Test(arguments: [1, 2])
  func atMostSoManyAreHashedAtOnce(_ atOnce: Int) throws {
    let loop = try EventLoop()
    let hasher = try PasswordHasher(on: loop, atOnce: atOnce, queueLimit: 4)
    var accepted = 0
    var done = 0
    for _ in 0..<20 {
      if hasher.submit(.hash(Secret("password"), salt: salt), done: { _ in done += 1 }) { accepted += 1 }
    }
    // What runs, and what waits; the rest is refused at once.
    #expect(accepted == atOnce + 4)
    while done < accepted { loop.turn(atMost: .seconds(20)) }
    #expect(hasher.mostAtOnce == atOnce)
    hasher.stop()
  }

  @Test func afterTheEndNobodyIsCalled() throws {
    let loop = try EventLoop()
    let hasher = try PasswordHasher(on: loop, atOnce: 1, queueLimit: 4)
    var called = false
    for _ in 0..<3 { #expect(hasher.submit(.hash(Secret("password"), salt: salt)) { _ in called = true }) }
    hasher.stop()
    loop.turn(atMost: .zero)
    #expect(!called)
  }

  @Test func base64KeepsBytes() {
    var generator = SystemRandomNumberGenerator()
    for length in 0..<40 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
    #expect(Base64URL.encode([0xff, 0xfe, 0xfd]) == "__79")
    #expect(Base64URL.decode("a+b/") == nil)
    #expect(Base64URL.decode("abcde") == nil)
  }
}
