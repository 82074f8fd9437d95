import Testing

@testable import Enhancer

struct DaylightGateTests {
  private static func run(_ gate: inout DaylightGate, _ brightness: (Double) -> Float, seconds: Double) -> [Float] {
    stride(from: 0, to: seconds, by: 0.04).map { gate.next(brightness: brightness($0), step: 0.04, isCut: false) }
  }

  @Test func beginsAtOnce() {
    var gates = (night: DaylightGate(), day: DaylightGate())
    #expect(gates.night.next(brightness: 0.1, step: 0.04, isCut: true) == 1)
    #expect(gates.day.next(brightness: 0.5, step: 0.04, isCut: true) == 0)
    #expect(gates.day.next(brightness: 0.1, step: 0.04, isCut: true) == 1)
  }

  /// The same brightness is night after night, and day after day.
  @Test func keepsWhatItDecided() {
    var gates = (night: DaylightGate(), day: DaylightGate())
    _ = gates.night.next(brightness: 0.1, step: 0.04, isCut: true)
    _ = gates.day.next(brightness: 0.5, step: 0.04, isCut: true)
    let dusk = Self.run(&gates.day, { Float(max(0.25, 0.5 - 0.02 * $0)) }, seconds: 30)
    let dawn = Self.run(&gates.night, { Float(min(0.25, 0.1 + 0.02 * $0)) }, seconds: 30)
    #expect(dusk.allSatisfy { $0 == 0 } && dawn.allSatisfy { $0 == 1 })
  }

  /// A darker shot is still of the same day, a lighter one of the same night; with nothing before, neither is known.
  @Test func cutsRememberTheDay() {
    var gates = (day: DaylightGate(), night: DaylightGate(), new: DaylightGate())
    _ = gates.day.next(brightness: 0.5, step: 0.04, isCut: true)
    _ = gates.night.next(brightness: 0.1, step: 0.04, isCut: true)
    #expect(gates.day.next(brightness: 0.28, step: 0.04, isCut: true) == 0)
    #expect(gates.night.next(brightness: 0.28, step: 0.04, isCut: true) == 1)
    #expect((0.01..<0.99).contains(gates.new.next(brightness: 0.28, step: 0.04, isCut: true)))
    // But night is night.
    #expect(gates.day.next(brightness: 0.15, step: 0.04, isCut: true) == 1)
  }

  @Test func changesSlowlyAndForGood() {
    var gate = DaylightGate()
    let amounts = Self.run(&gate, { Float(0.5 - 0.02 * $0) }, seconds: 25)
    #expect(amounts.first == 0 && amounts.last == 1)
    for (a, b) in zip(amounts, amounts.dropFirst()) { #expect(b >= a && b - a < 0.02) }
  }

  @Test func lightSwitchesCountAtOnce() {
    var gate = DaylightGate()
    _ = Self.run(&gate, { _ in 0.15 }, seconds: 3)
    #expect(gate.next(brightness: 0.45, step: 0.04, isCut: false) == 0)
  }

  /// Highlights tell a contrasty day from a mild night.
  @Test func highlightsCount() {
    #expect(DaylightGate.brightness(mean: 0.26, brightest: 0.54) == 0.26)
    #expect(DaylightGate.brightness(mean: 0.28, brightest: 0.9) > 0.37)
  }
}
