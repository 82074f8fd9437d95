internal import CFFmpeg
internal import Foundation
internal import Frames

/// One opening of a sink: a connection or a file from its header to its trailer.
final class LiveOutput {
  /// The path or URL.
  let location: String
  private let muxer: Muxer
  private let file: OutputFile
  private let plan: StreamPlan
  /// Output index by input index.
  private var outputs: [Int?]
  private let videoOutput: Int
  /// Seconds on the clock of the run at which it begins; nil before the first packet.
  private(set) var start: Double?

  /// Opens it and writes the header.
  init(
    _ target: LiveTarget, file: OutputFile, format: LiveFormat, container: Container, plan: StreamPlan,
    deadline: Deadline
  ) throws(StreamOutError) {
    location = file.location
    self.file = file
    self.plan = plan
    muxer = try Muxer(container, file: file, cancellation: deadline.cancellation, deadline: deadline)
    let labels = OutputLabels(container: container, input: format.input, trail: format.trail)
    outputs = Array(repeating: nil, count: format.input.streams.count)
    do throws(FFmpegError) {
      try muxer.describe(metadata: labels.metadata + [("creation_time", Date.now.ISO8601Format())], chapters: [])
      for stream in format.input.streams {
        switch plan.fates[stream.index] {
        case .encoded:
          outputs[stream.index] = try muxer.addStream { output throws(FFmpegError) in
            try format.describeVideo(output, container: container)
          }
        case .copied:
          outputs[stream.index] = try muxer.addStream { output throws(FFmpegError) in
            try container.describe(stream, in: output)
          }
        case .attached, .converted, .regenerated, .leftOut: break
        }
      }
    } catch {
      throw .failed(error)
    }
    videoOutput = outputs[format.input.videoIndex]!
    try muxer.begin(options: TagTable(target.muxerOptions(labels)), protocolOptions: target.protocolOptions)
  }

  /// Writes a packet; its times count from the first one of the video. What lies before that is left out.
  func write(_ packet: LivePacket) throws(StreamOutError) {
    if start == nil {
      guard packet.isVideo else { return }
      start = packet.seconds
      muxer.origin = Origin(seconds: packet.seconds)
    }
    guard packet.seconds >= start! else { return }
    guard !packet.isVideo else { return try muxer.write(packet.packet, toStream: videoOutput) }
    guard let index = outputs[packet.packet.streamIndex] else { return }
    try muxer.write(packet.packet, toStream: index)
  }

  /// Writes the trailer and closes it.
  func finish() throws(StreamOutError) { try muxer.finish() }
}
