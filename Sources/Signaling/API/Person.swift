/// Whether somebody can be called.
public enum Presence: String, Codable, Sendable, CaseIterable {
  /// A device of theirs shows the page.
  case online
  /// In a call, being rung, or ringing somebody: another call would be answered with `busy`.
  case busy
  /// Signed in, but no device shows the page; a locked phone may not ring.
  case asleep
  case offline
}

/// Whether a participant is a person or the box.
public enum ParticipantKind: String, Codable, Sendable, CaseIterable { case user, box }

/// Somebody in the list of people.
public struct Person: APIMessage {
  public var id: UserID
  public var displayName: String
  public var kind: ParticipantKind
  public var presence: Presence
  public var administrator: Bool
  public init(id: UserID, displayName: String, kind: ParticipantKind, presence: Presence, administrator: Bool) {
    self.id = id
    self.displayName = displayName
    self.kind = kind
    self.presence = presence
    self.administrator = administrator
  }
}
