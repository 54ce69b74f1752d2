import NIOCore
import Synchronization

/// Tells a client that there are too many, and closes.
final class FullHouseHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        let reply = context.channel.allocator.buffer(string: "-ERR max number of clients reached\r\n")
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(reply)).whenComplete { _ in channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}

/// The open connections, so that a shutdown can reach them.
final class ConnectionRegistry: Sendable {
    private struct State {
        var nextID = 1
        var channels: [Int: any Channel] = [:]
        var isDraining = false
    }

    private let state = Mutex(State())

    /// Number of open connections.
    var count: Int { state.withLock { $0.channels.count } }

    /// Counts a connection in until it closes; its number.
    func add(_ channel: any Channel) -> Int {
        let (id, isDraining) = state.withLock { state in
            let id = state.nextID
            state.nextID += 1
            state.channels[id] = channel
            return (id, state.isDraining)
        }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { _ = $0.channels.removeValue(forKey: id) }
        }
        // Accepted while the listener was closing: told to go as the others were, once its handler is in place.
        if isDraining {
            channel.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(DrainEvent.drain) }
        }
        return id
    }

    /// How long after the limit running requests have to end, so that what is done is also answered.
    private static let grace = Duration.seconds(5)

    /// Asks every connection to finish. What has not finished after `limit` is refused, by way of `refuse`, and closed.
    func drain(within limit: Duration, refuse: @Sendable () -> Void) async {
        let channels = state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(DrainEvent.drain) }
        await wait(until: .now.advanced(by: limit))
        if count > 0 {
            refuse()
            await wait(until: .now.advanced(by: Self.grace))
        }
        let late = state.withLock { Array($0.channels.values) }
        for channel in late { try? await channel.close().get() }
    }

    private func wait(until deadline: ContinuousClock.Instant) async {
        while count > 0, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }
}
