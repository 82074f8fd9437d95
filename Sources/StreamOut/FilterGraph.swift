internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Filters of libavfilter that make one frame of each. The graph is rebuilt when size or format change.
final class FilterGraph {
  /// A palette of 256 colours for each frame, one of them transparent, and the frame in it.
  static let palette =
    "split[frame][sample];[sample]palettegen=stats_mode=single[palette];[frame][palette]paletteuse=new=1"

  private let filters: String
  private var graph: UnsafeMutablePointer<AVFilterGraph>?
  private var source: UnsafeMutablePointer<AVFilterContext>?
  private var sink: UnsafeMutablePointer<AVFilterContext>?
  private var built = ""

  init(filters: String) { self.filters = filters }

  deinit { zdv_avfilter_graph_free(&graph) }

  /// What the filters make of `frame`, at the same time.
  func filter(_ frame: VideoFrame) throws(FFmpegError) -> VideoFrame {
    try build(for: frame)
    try check(zdv_av_buffersrc_write_frame(source, frame.raw), "filter", "a frame")
    let result = VideoFrame(owning: try allocated(av_frame_alloc(), "a frame"), timeBase: frame.timeBase)
    try check(zdv_av_buffersink_get_frame(sink, result.raw), "filter", "a frame")
    result.raw.pointee.pts = frame.raw.pointee.pts
    return result
  }

  private func build(for frame: VideoFrame) throws(FFmpegError) {
    let aspect = frame.sampleAspectRatio
    let arguments =
      "video_size=\(frame.width)x\(frame.height):pix_fmt=\(frame.raw.pointee.format)"
      + ":time_base=\(frame.timeBase.numerator)/\(frame.timeBase.denominator)"
      + ":pixel_aspect=\(aspect.numerator)/\(max(1, aspect.denominator))"
    guard arguments != built else { return }
    try check(zdv_load_avfilter(), "load", String(cString: zdv_avfilter_file))
    zdv_avfilter_graph_free(&graph)
    let made = try allocated(zdv_avfilter_graph_alloc(), "a filter graph")
    graph = made
    // One thread: the work is a copy, and the processors are busy with codecs.
    made.pointee.nb_threads = 1
    try check(
      zdv_avfilter_graph_create_filter(&source, "buffer", "in", arguments, made), "filter", "frames")
    try check(
      zdv_avfilter_graph_create_filter(&sink, "buffersink", "out", nil, made), "filter", "frames")
    var inputs = zdv_avfilter_inout_alloc()
    var outputs = zdv_avfilter_inout_alloc()
    defer {
      zdv_avfilter_inout_free(&inputs)
      zdv_avfilter_inout_free(&outputs)
    }
    outputs!.pointee.name = av_strdup("in")
    outputs!.pointee.filter_ctx = source
    inputs!.pointee.name = av_strdup("out")
    inputs!.pointee.filter_ctx = sink
    try check(zdv_avfilter_graph_parse_ptr(made, filters, &inputs, &outputs), "filter", "frames")
    try check(zdv_avfilter_graph_config(made), "filter", "frames")
    built = arguments
  }
}
