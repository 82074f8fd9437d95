internal import Dispatch
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
public import Pipeline
internal import Synchronization

/// Serves a live run's metrics to Prometheus, at `/metrics`, and its health, at `/healthz`, until it is stopped.
///
/// `/healthz` answers 200 while frames flow and 503 while they do not. What clients may send is bounded in size, how long
/// they may stay, and how many there may be.
public final class MetricsServer: Sendable {
  /// Clients at a time; others are turned away.
  static let connectionLimit = 32
  /// How long a connection lives, whatever it does. Prometheus opens a new one.
  static let connectionLifetime = TimeAmount.seconds(60)

  /// Where it listens; the port is the real one if any was asked for.
  public let address: MetricsAddress

  private let group: MultiThreadedEventLoopGroup
  private let channel: any Channel
  private let isStopped = Atomic<Bool>(false)

  /// Starts to serve, and returns when clients can come.
  ///
  /// - Parameters:
  ///   - version: the program's, for `zdce_video_info`.
  ///   - patience: seconds without a frame until frames no longer flow.
  ///   - status: called for each request, on the server's thread.
  /// - Throws: `MonitoringError`.
  public init(
    at address: MetricsAddress, version: String, patience: Double = 5, status: @escaping @Sendable () -> LiveStatus
  ) throws(MonitoringError) {
    let pages = MetricsPages(version: version, patience: patience, status: status)
    let connections = Connections()
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 16)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try Self.configure(channel, pages, connections) }
      }
    do {
      channel = try bootstrap.bind(to: SocketAddress(ipAddress: address.host, port: address.port)).wait()
    } catch {
      group.shutdownGracefully { _ in }
      throw .cannotListen(
        address, reason: (error as? IOError).map { MonitoringError.text(ofErrno: $0.errnoCode) } ?? "\(error)")
    }
    self.address = MetricsAddress(host: address.host, port: channel.localAddress?.port ?? address.port)
  }

  deinit { stop() }

  /// Closes the port and all connections, soon after it returns.
  public func stop() {
    guard !isStopped.exchange(true, ordering: .relaxed) else { return }
    group.shutdownGracefully { _ in }
  }

  private static func configure(_ channel: any Channel, _ pages: MetricsPages, _ connections: Connections) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 8192
    limits.maxHeaderListSize = 16384
    limits.maxHeaderFieldCount = 64
    let pipeline = channel.pipeline.syncOperations
    try pipeline.configureHTTPServerPipeline(
      withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
    try pipeline.addHandler(MetricsHandler(pages: pages))
    let isWelcome = connections.enter()
    let farewell = channel.eventLoop.scheduleTask(in: isWelcome ? connectionLifetime : .zero) {
      channel.close(promise: nil)
    }
    channel.closeFuture.whenComplete { _ in
      farewell.cancel()
      connections.leave()
    }
  }

  /// How many clients there are.
  private final class Connections: Sendable {
    private let count = Atomic<Int>(0)

    /// True if the new one is within the limit.
    func enter() -> Bool { count.add(1, ordering: .relaxed).newValue <= MetricsServer.connectionLimit }
    func leave() { count.subtract(1, ordering: .relaxed) }
  }
}
