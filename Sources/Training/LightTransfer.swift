internal import Foundation

/// Between display codes and light, as sRGB has it (IEC 61966-2-1). Values in [0, 1].
enum LightTransfer {
  /// Light of each 8-bit code.
  static let ofCode: [Float] = (0..<256).map { Float(light(Double($0) / 255)) }

  /// The display value of light in 65,536 steps, fine enough for the darkest of 8-bit codes.
  static let ofLight: [Float] = (0...65535).map { Float(display(Double($0) / 65535)) }

  private static func light(_ value: Double) -> Double {
    value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }

  private static func display(_ light: Double) -> Double {
    light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
  }

  /// The display value of any light; what is below 0 is black, what is above 1 white.
  static func display(_ light: Float, _ table: UnsafePointer<Float>) -> Float {
    let position = max(0, min(1, light)) * 65535
    let index = min(Int(position), 65534)
    let share = position - Float(index)
    return table[index] + share * (table[index + 1] - table[index])
  }
}
