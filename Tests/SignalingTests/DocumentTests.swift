import FoundationEssentials
import Testing

@testable import Signaling

/// PROTOCOL.md and openapi.json against the code, in both directions.
@Suite struct DocumentTests {
  let openAPI: JSONValue
  /// The lines of PROTOCOL.md.
  let lines: [String]

  init() throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let sources = here.appending(path: "../../Sources/Signaling")
    openAPI = try JSONValue([UInt8](Data(contentsOf: sources.appending(path: "openapi.json"))))
    let text = String(decoding: try Data(contentsOf: sources.appending(path: "PROTOCOL.md")), as: UTF8.self)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The cells of each row of the table below a heading row that begins with `head`.
  private func table(_ head: String) throws -> [[String]] {
    let start = try #require(lines.firstIndex { $0.hasPrefix("| \(head) |") }, "no table of \(head)")
    return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { row in
      row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
        String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    }
  }

  /// What stands between backticks.
  private func code(_ text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
      String($0.element)
    }
  }

  /// The names at the top level of `{a, b: {c}, d: [E], f?}`.
  private func members(_ shape: String) -> Set<String> {
    var depth = 0
    var names: Set<String> = []
    var name = ""
    var inName = true
    for c in shape {
      switch c {
      case "{", "[":
        depth += 1
        if depth == 1 { inName = true }
      case "}", "]": depth -= 1
      case "," where depth == 1: inName = true
      case ":" where depth == 1: inName = false
      default: if depth == 1, inName, c.isLetter { name.append(c) }
      }
      if depth == 0 || depth == 1 && c == "," {
        if !name.isEmpty { names.insert(name) }
        name = ""
      }
    }
    return names
  }

  private func keys(_ message: any APIMessage) throws -> Set<String> { try JSONValue(APICodec.encode(message)).keys }

  private func sample(_ type: any APIMessage.Type) throws -> any APIMessage {
    try #require(Samples.all.first { Swift.type(of: $0.full) == type }, "no sample of \(type)").full
  }

  // MARK: PROTOCOL.md

  @Test func theTableOfRequests() throws {
    let rows = try table("request")
    #expect(
      Set(rows.map { code($0[0]).first ?? "" }) == Set(Route.table.map { "\($0.method.rawValue) \($0.path)" }))
    #expect(rows.count == Route.table.count)
    for row in rows {
      let route = try #require(
        Route.table.first { code(row[0]).first == "\($0.method.rawValue) \($0.path)" }, "\(row[0]) is no route")
      let access: [Route.Access: String] = [.open: "no", .session: "yes", .administrator: "administrator"]
      #expect(row[1] == access[route.access], "\(route.path)")
      let body = try route.request.map { try keys(sample($0)) } ?? []
      #expect(members(code(row[2]).first ?? "") == body, "\(route.path)")
      let answer = try route.response.map { try keys(sample($0)) } ?? []
      #expect(members(code(row[3]).first ?? "") == answer, "\(route.path)")
    }
  }

  @Test func theTableOfErrors() throws {
    let rows = try table("code")
    #expect(rows.map { code($0[0]).first ?? "" }.sorted() == ErrorCode.allCases.map(\.rawValue).sorted())
    for row in rows {
      let error = try #require(ErrorCode(rawValue: code(row[0]).first ?? ""))
      #expect(Int(row[1]) == error.status, "\(error)")
    }
  }

  @Test func theTableOfEvents() throws {
    let rows = try table("event")
    #expect(rows.map { code($0[0]).first ?? "" } == Event.Name.allCases.map(\.rawValue))
    let person = try keys(Samples.person)
    let call = try keys(Samples.fullCall)
    for (row, event) in zip(rows, Samples.events) {
      let real = try JSONValue(event.json()).keys
      switch event.name {
      case .person:
        #expect(row[1].contains("a Person"))
        #expect(real == person)
      case .call:
        #expect(row[1].contains("a CallView"))
        #expect(real == call)
      case .room:
        #expect(row[1].contains("a RoomView"))
        #expect(try real == keys(Samples.fullRoom))
      default: #expect(members(code(row[1]).first ?? "") == real, "\(event.name)")
      }
    }
  }

  @Test func theShapesInTheText() throws {
    func shape(_ name: String) throws -> Set<String> {
      let line = try #require(lines.first { $0.hasPrefix("**\(name)** is `{") })
      return members(code(line).first ?? "")
    }
    #expect(try shape("Person") == keys(Samples.person))
    #expect(try shape("CallView") == keys(Samples.fullCall))
    #expect(try shape("RoomSummary") == keys(Samples.summary))
    #expect(try shape("RoomView") == keys(Samples.fullRoom))
    #expect(try shape("ChatLine") == keys(Samples.line))
    let described = try table("member").flatMap { code($0[0]) }
    #expect(try Set(described + ["id"]) == keys(Samples.fullCall))
    let rows = try table("member")
    let states = try #require(rows.first { $0[0] == "`state`" })
    #expect(code(states[1]) == CallState.allCases.map(\.rawValue))
    let reasons = try #require(rows.first { $0[0] == "`reason`" })
    #expect(Set(code(reasons[1]).dropFirst()) == Set(CallEnd.allCases.map(\.rawValue)))
    let text = Set(code(lines.joined(separator: " ")))
    for (name, values) in Samples.enumerations {
      for value in values { #expect(text.contains(value), "\(name).\(value) is not explained") }
    }
  }

  @Test func theFigures() throws {
    let text = lines.joined(separator: " ")
    #expect(text.contains("version \(API.protocolVersion)"))
    #expect(text.contains("at most \(API.largestBodyBytes / 1024) KiB"))
    #expect(text.contains("`sdp` at most \(API.largestDescriptionBytes / 1024) KiB"))
    #expect(text.contains("every \(API.heartbeatSeconds) seconds"))
    #expect(text.contains("\(EventLog.capacity) events, \(EventLog.age.milliseconds / 1000) seconds"))
    #expect(text.contains("is kept for \(Room.seatTime.milliseconds / 1000) seconds"))
    #expect(text.contains("nobody has been for \(Room.emptyTime.milliseconds / 60_000) minutes is gone"))
    #expect(text.contains("`code` of \(Room.codeLength) letters") && text.contains("are kept, \(Room.linesKept))"))
    #expect(text.contains("kept for \(Switchboard.Settings().grace.milliseconds / 1000) seconds"))
    #expect(text.contains("within \(Directory.promotionWindow.milliseconds / 1000) seconds"))
    #expect(text.contains("\(Validation.idLengths.lowerBound) to \(Validation.idLengths.upperBound) of"))
    #expect(
      text.contains(
        "\(Validation.displayNameLengths.lowerBound) to \(Validation.displayNameLengths.upperBound) characters"))
    #expect(
      text.contains("\(Validation.passwordLengths.lowerBound) to \(Validation.passwordLengths.upperBound) characters"))
  }

  // MARK: openapi.json

  @Test func thePaths() throws {
    let paths = try #require(openAPI["paths"]).members
    let operations = paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } }
    #expect(Set(operations) == Set(Route.table.map { "\($0.method.rawValue) \($0.path)" }))
    for route in Route.table {
      let operation = try #require(paths[route.path]?[route.method.rawValue.lowercased()])
      #expect(operation["operationId"]?.string == route.name.rawValue)
      let security: JSONValue = route.access == .open ? .array([]) : .array([.object(["session": .array([])])])
      #expect(operation["security"] == security, "\(route.path)")
      #expect(
        reference(operation["requestBody", "content", "application/json", "schema"]) == route.request.map { "\($0)" })
      let content = operation["responses", "200", "content"]
      #expect(reference(content?["application/json", "schema"]) == route.response.map { "\($0)" })
      #expect((operation["x-access"]?.string == "administrator") == (route.access == .administrator), "\(route.path)")
      #expect((content?["text/event-stream"] != nil) == (route.name == .events))
      #expect((content?["text/plain"] != nil) == (route.response == nil && route.name != .events))
      let refused = operation["responses", "default", "content", "application/json", "schema"]
      #expect(reference(refused) == "ErrorResponse")
    }
  }

  @Test func theEvents() throws {
    let stream = openAPI["paths", "/api/events", "get", "responses", "200", "content", "text/event-stream", "x-events"]
    let events = try #require(stream).members
    #expect(Set(events.keys) == Set(Event.Name.allCases.map(\.rawValue)))
    #expect(Samples.events.map(\.name) == Event.Name.allCases)
    for event in Samples.events {
      let name = try #require(reference(events[event.name.rawValue]))
      let schema = try #require(openAPI["components", "schemas", name])
      #expect(try JSONValue(event.json()).keys == schema["properties"]?.keys ?? [])
    }
  }

  @Test func theSchemas() throws {
    let schemas = try #require(openAPI["components", "schemas"]).members
    #expect(Set(schemas.keys) == Set(Samples.all.map(\.schema)).union(Samples.enumerations.keys))
    for (name, values) in Samples.enumerations { #expect(schemas[name]?["enum"]?.strings == values, "\(name)") }
    for sample in Samples.all {
      let schema = try #require(schemas[sample.schema])
      #expect(try keys(sample.full) == schema["properties"]?.keys ?? [], "\(sample.schema)")
      #expect(try keys(sample.least) == Set(schema["required"]?.strings ?? []), "\(sample.schema)")
      for (key, value) in try JSONValue(APICodec.encode(sample.full)).members {
        try check(value, against: #require(schema["properties", key]), schemas, "\(sample.schema).\(key)")
      }
    }
    let status = try #require(schemas["ErrorCode"]?["x-status"]).members
    #expect(Set(status.keys) == Set(ErrorCode.allCases.map(\.rawValue)))
    for code in ErrorCode.allCases { #expect(status[code.rawValue]?.number == Double(code.status)) }
    for reference in references(openAPI) { #expect(schemas[reference] != nil, "\(reference) is nowhere") }
  }

  /// The type of a value, and the members of what it refers to.
  private func check(_ value: JSONValue, against schema: JSONValue, _ schemas: [String: JSONValue], _ place: String)
    throws
  {
    if let name = reference(schema) {
      let target = try #require(schemas[name])
      if let values = target["enum"] {
        #expect(values.strings.contains(value.string ?? ""), "\(place)")
      } else {
        #expect(value.keys.isSubset(of: target["properties"]?.keys ?? []), "\(place)")
        #expect(value.keys.isSuperset(of: target["required"]?.strings ?? []), "\(place)")
      }
      return
    }
    switch (schema["type"]?.string, value) {
    case ("string", .string), ("boolean", .bool), ("integer", .number), ("object", .object): break
    case ("array", .array(let items)):
      for item in items { try check(item, against: #require(schema["items"]), schemas, place) }
    default: Issue.record("\(place) is \(value), not a \(schema["type"]?.string ?? "?")")
    }
  }

  private func reference(_ schema: JSONValue?) -> String? {
    (schema?["$ref"]?.string?.split(separator: "/").last).map(String.init)
  }

  private func references(_ value: JSONValue) -> [String] {
    switch value {
    case .array(let items): items.flatMap(references)
    case .object(let members): members.values.flatMap(references) + [reference(value)].compactMap { $0 }
    default: []
    }
  }
}
