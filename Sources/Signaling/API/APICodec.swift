import FoundationEssentials
import Links

/// Bodies to JSON and back. Members that are not known are ignored, so that a newer client may say more.
public enum APICodec {
  /// One line of JSON with sorted keys.
  public static func encode(_ message: some APIMessage) throws(APIError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(message))
    } catch {
      throw APIError(.internal, "cannot encode \(type(of: message)): \(error)")
    }
  }

  /// The body of a request; `tooLarge` or `badRequest` with the place of the mistake.
  public static func decode<Message: APIMessage>(
    _ type: Message.Type, from body: some Collection<UInt8>
  ) throws(APIError) -> Message {
    guard body.count <= API.largestBodyBytes else {
      throw APIError(.tooLarge, "a body of at most \(API.largestBodyBytes) bytes is expected, got \(body.count)")
    }
    guard JSONStrings.areSound(in: body) else { throw APIError(.badRequest, "the body is not valid JSON") }
    do {
      return try JSONDecoder().decode(type, from: Data(body))
    } catch let error as DecodingError {
      throw badRequest(error)
    } catch {
      throw APIError(.badRequest, "the body is not valid JSON")
    }
  }

  private static func badRequest(_ error: DecodingError) -> APIError {
    func place(_ path: [any CodingKey]) -> String? {
      path.isEmpty ? nil : path.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      let field = place(context.codingPath + [key])
      return APIError(.badRequest, "\(field ?? key.stringValue) is missing", field: field)
    case .typeMismatch(let type, let context):
      let field = place(context.codingPath)
      return APIError(.badRequest, "\(field ?? "the body") is not a \(type)", field: field)
    case .valueNotFound(let type, let context):
      let field = place(context.codingPath)
      return APIError(.badRequest, "\(field ?? "the body") is null, a \(type) is expected", field: field)
    case .dataCorrupted(let context):
      let field = place(context.codingPath)
      return APIError(
        .badRequest, field.map { "\($0) has a value that is not known" } ?? "the body is not valid JSON", field: field)
    @unknown default:
      return APIError(.badRequest, "the body is not valid JSON")
    }
  }
}
