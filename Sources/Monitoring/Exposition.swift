/// Metrics as Prometheus reads them: its text format, version 0.0.4.
///
/// Each name is described once, before its samples, which stand together. Source: prometheus.io, "Exposition formats".
struct Exposition {
  /// What a name stands for.
  enum Kind: String {
    /// Only grows, from the start of the process.
    case counter
    /// Goes up and down.
    case gauge
  }

  /// Names and values of labels, in the order in which they are written.
  typealias Labels = KeyValuePairs<String, String>

  /// A value and what tells it from the others under its name.
  typealias Sample = (labels: Labels, value: Double)

  /// What `Content-Type` says about it.
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// All that was added, each line ended.
  private(set) var text = ""

  /// Adds a metric with one sample.
  mutating func add(_ kind: Kind, _ name: String, _ help: String, _ value: Double) {
    let none: Labels = [:]
    add(kind, name, help, [(labels: none, value: value)])
  }

  /// Adds a metric with a sample for each set of labels; nothing without samples.
  mutating func add(_ kind: Kind, _ name: String, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    describe(name, help, kind.rawValue)
    for sample in samples { addSample(name, sample.labels.map { ($0, $1) }, sample.value) }
  }

  /// Adds a histogram for each set of labels.
  ///
  /// - Parameters:
  ///   - bounds: upper bounds of the buckets but the last, growing.
  ///   - series: values in each bucket alone, one bucket more than there are bounds, and the sum of all values.
  mutating func addHistogram(
    _ name: String, _ help: String, bounds: [Double], _ series: [(labels: Labels, counts: [Int], sum: Double)]
  ) {
    describe(name, help, "histogram")
    for one in series {
      precondition(one.counts.count == bounds.count + 1)
      let labels = one.labels.map { ($0, $1) }
      var total = 0
      for (bound, count) in zip(bounds + [.infinity], one.counts) {
        total += count
        addSample(name + "_bucket", labels + [("le", Self.number(bound))], Double(total))
      }
      addSample(name + "_sum", labels, one.sum)
      addSample(name + "_count", labels, Double(total))
    }
  }

  private mutating func describe(_ name: String, _ help: String, _ kind: String) {
    let line = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    text += "# HELP \(name) \(line)\n# TYPE \(name) \(kind)\n"
  }

  private mutating func addSample(_ name: String, _ labels: [(String, String)], _ value: Double) {
    let pairs = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    text += "\(name)\(pairs.isEmpty ? "" : "{\(pairs)}") \(Self.number(value))\n"
  }

  /// A label's value between quotes.
  static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  /// A number as Go reads it; whole ones without a fraction.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), abs(value) < 0x1p53 { return String(Int(value)) }
    return value.description
  }
}
