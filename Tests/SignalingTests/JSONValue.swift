import FoundationEssentials

/// Any JSON, for looking into documents.
enum JSONValue: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  init(_ bytes: some Collection<UInt8>) throws { self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) }

  subscript(path: String...) -> JSONValue? {
    var value: JSONValue? = self
    for key in path { value = value?.members[key] }
    return value
  }
  var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
  var keys: Set<String> { Set(members.keys) }
  var strings: [String] { if case .array(let items) = self { items.compactMap(\.string) } else { [] } }
  var string: String? { if case .string(let text) = self { text } else { nil } }
  var number: Double? { if case .number(let value) = self { value } else { nil } }
}
