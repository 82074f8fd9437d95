internal import CFFmpeg
internal import CFFmpegShims
internal import Foundation
internal import Frames

/// Turns and mirrors pixels as a display matrix asks, for containers that cannot carry the matrix.
///
/// libavfilter's transpose and flips do the work. The graph is rebuilt when size or format change.
final class Rotator {
  /// Filters that do what the matrix says; nil for none, or for an angle that is no quarter turn.
  static func filters(for matrix: [Int32]) -> String? {
    guard matrix.count == 9 else { return nil }
    let clockwise = -matrix.withUnsafeBufferPointer { av_display_rotation_get($0.baseAddress!) }
    guard clockwise.isFinite else { return nil }
    switch (Int(clockwise.rounded()) % 360 + 360) % 360 {
    case 90: return matrix[3] > 0 ? "transpose=cclock_flip" : "transpose=clock"
    case 270: return matrix[3] < 0 ? "transpose=clock_flip" : "transpose=cclock"
    case 180:
      let flips = (matrix[0] < 0 ? ["hflip"] : []) + (matrix[4] < 0 ? ["vflip"] : [])
      return flips.isEmpty ? nil : flips.joined(separator: ",")
    case 0: return matrix[4] < 0 ? "vflip" : nil
    default: return nil
    }
  }

  private let filters: String
  private var graph: UnsafeMutablePointer<AVFilterGraph>?
  private var source: UnsafeMutablePointer<AVFilterContext>?
  private var sink: UnsafeMutablePointer<AVFilterContext>?
  private var built = ""

  init(filters: String) { self.filters = filters }

  deinit { avfilter_graph_free(&graph) }

  /// The frame as it is to be shown, without its matrix.
  func rotate(_ frame: VideoFrame) throws(FFmpegError) -> VideoFrame {
    try build(for: frame)
    try check(av_buffersrc_write_frame(source, frame.raw), "rotate", "a frame")
    let result = VideoFrame(owning: try allocated(av_frame_alloc(), "a frame"), timeBase: frame.timeBase)
    try check(av_buffersink_get_frame(sink, result.raw), "rotate", "a frame")
    av_frame_remove_side_data(result.raw, AV_FRAME_DATA_DISPLAYMATRIX)
    return result
  }

  private func build(for frame: VideoFrame) throws(FFmpegError) {
    let aspect = frame.sampleAspectRatio
    let arguments =
      "video_size=\(frame.width)x\(frame.height):pix_fmt=\(frame.raw.pointee.format)"
      + ":time_base=\(frame.timeBase.numerator)/\(frame.timeBase.denominator)"
      + ":pixel_aspect=\(aspect.numerator)/\(max(1, aspect.denominator))"
    guard arguments != built else { return }
    avfilter_graph_free(&graph)
    let made = try allocated(avfilter_graph_alloc(), "a filter graph")
    graph = made
    // One thread: the work is a copy, and the processors are busy with codecs.
    made.pointee.nb_threads = 1
    try check(
      avfilter_graph_create_filter(&source, avfilter_get_by_name("buffer"), "in", arguments, nil, made), "rotate",
      "frames")
    try check(
      avfilter_graph_create_filter(&sink, avfilter_get_by_name("buffersink"), "out", nil, nil, made), "rotate",
      "frames")
    var inputs = avfilter_inout_alloc()
    var outputs = avfilter_inout_alloc()
    defer {
      avfilter_inout_free(&inputs)
      avfilter_inout_free(&outputs)
    }
    outputs!.pointee.name = av_strdup("in")
    outputs!.pointee.filter_ctx = source
    inputs!.pointee.name = av_strdup("out")
    inputs!.pointee.filter_ctx = sink
    try check(avfilter_graph_parse_ptr(made, filters, &inputs, &outputs, nil), "rotate", "frames")
    try check(avfilter_graph_config(made, nil), "rotate", "frames")
    built = arguments
  }
}
