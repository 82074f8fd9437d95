internal import Foundation
internal import StreamIn

/// The v4l2 cameras of this machine, for people or for scripts.
enum DeviceList {
  static func print(json: Bool) throws {
    let devices = VideoDevice.all()
    guard !json else {
      StandardStreams.output("[" + devices.map(object).joined(separator: ",") + "]\n")
      return
    }
    if devices.isEmpty {
      StandardStreams.error("no v4l2 camera found: is one plugged in, and may you read /dev/video*?\n")
    }
    for device in devices {
      StandardStreams.output("\(device.path)  \(device.name) (\(device.driver))\n")
      for mode in device.modes {
        let rates = mode.rates.map { decimal($0, 2).replacingOccurrences(of: ".00", with: "") }.joined(separator: " ")
        StandardStreams.output("  --input-format \(mode.format)  --video-size \(mode.size)  --framerate \(rates)\n")
      }
    }
  }

  private static func object(_ device: VideoDevice) -> String {
    let modes = device.modes.map { mode in
      "{\"input_format\":\(JSON.string(mode.format)),\"video_size\":\(JSON.string(mode.size)),\"framerates\":["
        + mode.rates.map { "\($0)" }.joined(separator: ",") + "]}"
    }
    return "{\"path\":\(JSON.string(device.path)),\"name\":\(JSON.string(device.name)),\"driver\":"
      + "\(JSON.string(device.driver)),\"modes\":[\(modes.joined(separator: ","))]}"
  }
}
