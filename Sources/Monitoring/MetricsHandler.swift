internal import NIOCore
internal import NIOHTTP1

/// Answers the requests of one connection.
final class MetricsHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let pages: MetricsPages
  private var request: HTTPRequestHead?
  private var bodyBytes = 0

  init(pages: MetricsPages) { self.pages = pages }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): (request, bodyBytes) = (head, 0)
    case .body(let part):
      // Nobody has anything to tell us.
      bodyBytes += part.readableBytes
      if bodyBytes > 8192 { context.close(promise: nil) }
    case .end:
      guard let request else { return }
      answer(request, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let page = pages.page(request.method, request.uri)
    let body = context.channel.allocator.buffer(string: page.text)
    var headers = HTTPHeaders()
    headers.add(name: "Content-Type", value: page.type)
    headers.add(name: "Content-Length", value: String(body.readableBytes))
    headers.add(name: "Cache-Control", value: "no-store")
    if page.status == .methodNotAllowed { headers.add(name: "Allow", value: "GET, HEAD") }
    if !request.isKeepAlive { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(version: request.version, status: page.status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
    let done = context.eventLoop.makePromise(of: Void.self)
    if !request.isKeepAlive {
      let channel = context.channel
      done.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: done)
  }
}
