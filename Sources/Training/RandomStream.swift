/// Random numbers that depend on nothing but what they are for: seed, purpose and index.
///
/// So every crop of every step has a stream of its own, whichever thread makes it, and a run that is resumed needs no
/// stored state. xoshiro256++ (Blackman, Vigna 2019), started by splitmix64.
package struct RandomStream: RandomNumberGenerator, Sendable {
  /// What numbers are drawn for: streams of different purposes have nothing in common.
  package enum Purpose: UInt64, Sendable {
    case initialization = 1
    case crops = 2
    case validation = 3
    case restoration = 4
  }

  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init(seed: UInt64, purpose: Purpose, index: UInt64) {
    var mix = seed
    func next() -> UInt64 {
      mix &+= 0x9E37_79B9_7F4A_7C15
      var z = mix
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return z ^ z >> 31
    }
    mix = next() ^ purpose.rawValue &* 0xD6E8_FEB8_6659_FD93
    mix = next() ^ index
    state = (next(), next(), next(), next())
  }

  package mutating func next() -> UInt64 {
    func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { x << k | x >> (64 - k) }
    let result = rotated(state.0 &+ state.3, 23) &+ state.0
    let t = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= t
    state.3 = rotated(state.3, 45)
    return result
  }

  /// Evenly in [0, 1).
  package mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// Evenly in [low, high).
  package mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * unit() }

  /// Whether something of that probability happens.
  package mutating func chance(_ probability: Double) -> Bool { Double(unit()) < probability }

  /// Evenly in 0..<count.
  package mutating func below(_ count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(count)).high) }

  /// Standard normal, near enough: the sum of four even numbers; never beyond ±3.5, and cheap.
  package mutating func normal() -> Float {
    let bits = next()
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    // Variance of one is 65536² / 12, of four 65536² / 3.
    return (Float(sum) - 131_070) * (1.7320508 / 65536)
  }
}
