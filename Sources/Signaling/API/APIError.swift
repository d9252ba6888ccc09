/// The codes of the error body; clients translate by them.
public enum ErrorCode: String, Codable, Sendable, CaseIterable {
  /// Not JSON, or not the members that the request needs.
  case badRequest
  /// A member has a value that is not allowed; `field` names it.
  case invalid
  case idTaken
  case wrongCredentials
  /// Too many wrong passwords; `Retry-After` tells when to try again.
  case tooManyAttempts
  case notSignedIn
  /// Also for what belongs to somebody else.
  case notFound
  /// Not possible as things stand: accepting a call that has been answered, for instance.
  case wrongState
  /// Somebody is in a call or a room already.
  case busy
  /// As many are in the room as may be.
  case full
  case tooLarge
  case forbiddenOrigin
  /// Only an administrator may.
  case forbidden
  case unsupportedMediaType
  case methodNotAllowed
  case rateLimited
  /// The disk is full or fails: the box goes on with what it knows.
  case storage
  case `internal`

  /// The HTTP status that carries it.
  public var status: Int {
    switch self {
    case .badRequest, .invalid: 400
    case .wrongCredentials, .notSignedIn: 401
    case .forbiddenOrigin, .forbidden: 403
    case .notFound: 404
    case .methodNotAllowed: 405
    case .idTaken, .wrongState, .busy, .full: 409
    case .tooLarge: 413
    case .unsupportedMediaType: 415
    case .tooManyAttempts, .rateLimited: 429
    case .internal: 500
    case .storage: 507
    }
  }
}

/// A refused request.
public struct APIError: Error, Sendable, Equatable {
  public var code: ErrorCode
  /// English, for logs.
  public var message: String
  /// The member of the request that is wrong.
  public var field: String?
  /// For the `Retry-After` header.
  public var retryAfterSeconds: Int?

  public init(_ code: ErrorCode, _ message: String, field: String? = nil, retryAfterSeconds: Int? = nil) {
    self.code = code
    self.message = message
    self.field = field
    self.retryAfterSeconds = retryAfterSeconds
  }

  public var body: ErrorResponse { ErrorResponse(error: .init(code: code, message: message, field: field)) }
}
