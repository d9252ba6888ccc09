import CGPIOD
import Glibc
import Linux

extension GPIOCalls {
  /// libgpiod itself, whichever version.
  static let library = GPIOCalls(
    chips: {
      Files.names(in: "/dev").filter { $0.hasPrefix("gpiochip") }.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        .map { "/dev/\($0)" }
    },
    openChip: { path in
      guard let chip = fieldbox_gpio_open(path) else { return failure("open", path) }
      return .success(GPIOHandle(chip))
    },
    closeChip: { fieldbox_gpio_close($0.pointer) },
    describeChip: { chip in
      var info = fieldbox_gpio_chip_info()
      guard fieldbox_gpio_describe_chip(chip.pointer, &info) == 0 else { return failure("GPIO_GET_CHIPINFO") }
      return .success(GPIOChipInfo(name: text(info.name), label: text(info.label), lines: info.lines))
    },
    findLine: { chip, name in
      let offset = fieldbox_gpio_find_line(chip.pointer, name)
      return offset < 0 ? failure("GPIO_GET_LINEINFO", name) : .success(UInt32(offset))
    },
    describeLine: { chip, offset in
      var info = fieldbox_gpio_line_info()
      guard fieldbox_gpio_describe_line(chip.pointer, offset, &info) == 0 else {
        return failure("GPIO_GET_LINEINFO", "\(offset)")
      }
      return .success(
        GPIOLineInfo(
          name: text(info.name), consumer: text(info.consumer), isUsed: info.used != 0, isOutput: info.output != 0))
    },
    request: { chip, offset, request in
      request.consumer.withCString { consumer in
        var asked = fieldbox_gpio_request()
        asked.consumer = consumer
        asked.active_low = request.activeLow ? 1 : 0
        switch request.use {
        case .edges(let bias, let debounce):
          asked.bias = Int32(bias.code)
          asked.debounce_microseconds = UInt32(clamping: debounce.microseconds)
        case .output(let active):
          asked.output = 1
          asked.value = active ? 1 : 0
        }
        guard let line = fieldbox_gpio_request_line(chip.pointer, offset, &asked) else {
          return failure("GPIO_GET_LINE")
        }
        return .success(GPIOHandle(line))
      }
    },
    release: { fieldbox_gpio_release($0.pointer) },
    descriptor: { fieldbox_gpio_descriptor($0.pointer) },
    readEdge: { line in
      var edge = fieldbox_gpio_edge()
      guard fieldbox_gpio_read_edge(line.pointer, &edge) == 0 else { return failure("read") }
      return .success(GPIOEdge(rising: edge.rising != 0, nanoseconds: edge.nanoseconds))
    },
    isActive: { line in
      let value = fieldbox_gpio_value(line.pointer)
      return value < 0 ? failure("GPIO_GET_VALUES") : .success(value == 1)
    },
    setActive: { line, active in
      fieldbox_gpio_set_value(line.pointer, active ? 1 : 0) == 0 ? .success(()) : failure("GPIO_SET_VALUES")
    })

  private static func failure<Value>(_ call: String, _ about: String = "") -> Result<Value, SystemError> {
    .failure(SystemError(call, code: errno, about: about))
  }

  /// A C string in an array of its own.
  private static func text<Bytes>(_ bytes: Bytes) -> String {
    withUnsafeBytes(of: bytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension GPIOHandle {
  fileprivate init(_ pointer: OpaquePointer) { address = UInt(bitPattern: pointer) }
  fileprivate var pointer: OpaquePointer? { OpaquePointer(bitPattern: address) }
}

extension GPIOBias {
  fileprivate var code: Int {
    switch self {
    case .asIs: Int(FIELDBOX_GPIO_BIAS_AS_IS)
    case .pullUp: Int(FIELDBOX_GPIO_BIAS_PULL_UP)
    case .pullDown: Int(FIELDBOX_GPIO_BIAS_PULL_DOWN)
    case .disabled: Int(FIELDBOX_GPIO_BIAS_DISABLED)
    }
  }
}
