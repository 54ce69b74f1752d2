import NIOCore
import NIOPosix
import RESP

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What went wrong between this program and a server.
public enum ClientError: Error, Sendable, CustomStringConvertible {
    /// Nobody listens there, or the way is barred.
    case cannotConnect(ServerAddress, String)
    /// It took too long.
    case noAnswer(ServerAddress)
    /// The connection ended before the reply came.
    case connectionLost(ServerAddress)
    /// The server's `-CODE text`.
    case refused(String)
    /// A reply of another kind than the command has.
    case unexpectedReply(command: String)

    /// One line: what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .cannotConnect(let address, let why):
            "cannot connect to a server at \(address) (\(why)): start one with `lookalike serve`, or check the address"
        case .noAnswer(let address):
            "whatever listens at \(address) has not answered for \(ServerConnection.patience.nanoseconds / 1_000_000_000) s: "
                + "check the address, and the server's load"
        case .connectionLost(let address):
            "the server at \(address) closed the connection: look at its log, then run the command again"
        case .refused(let text): "the server refused: \(text)"
        case .unexpectedReply(let command):
            "the server's answer to \(command) makes no sense: is it a lookalike server of this version?"
        }
    }
}

/// One connection to a server. Commands may be sent from many tasks at once; replies come back in order.
///
/// Commands written while others are unanswered are pipelined: there is no round trip between them.
public final class ServerConnection: Sendable {
    /// How long a reply may take. Far longer than any request of this program needs.
    static let patience = TimeAmount.seconds(120)

    /// Where it leads.
    public let address: ServerAddress
    private let channel: any Channel

    private init(address: ServerAddress, channel: any Channel) {
        self.address = address
        self.channel = channel
    }

    /// Connects, with RESP2.
    public static func connect(to address: ServerAddress) async throws(ClientError) -> ServerConnection {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(RESPReplyDecoder()), ReplyHandler())
                }
            }
        do {
            let channel =
                switch address {
                case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
                case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
                }
            return ServerConnection(address: address, channel: channel)
        } catch let error as NIOConnectionError {
            let cause = error.connectionErrors.first?.error
            throw .cannotConnect(address, (cause as? IOError).map(IOErrorText.of) ?? "host not found")
        } catch let error as IOError {
            throw .cannotConnect(address, IOErrorText.of(error))
        } catch {
            throw .cannotConnect(address, "\(error)")
        }
    }

    /// Sends a command and waits for its reply, which may be an `.error`.
    public func send(_ words: [[UInt8]]) async throws(ClientError) -> RESPReply {
        var buffer = channel.allocator.buffer(capacity: words.reduce(64) { $0 + $1.count + 16 })
        buffer.writeRESPCommand(words)
        let promise = channel.eventLoop.makePromise(of: RESPReply.self)
        channel.writeAndFlush(PendingCommand(bytes: buffer, reply: promise)).whenFailure { promise.fail($0) }
        let deadline = channel.eventLoop.scheduleTask(in: Self.patience) { promise.fail(NoAnswer()) }
        defer { deadline.cancel() }
        do {
            return try await promise.futureResult.get()
        } catch is NoAnswer {
            await close()
            throw .noAnswer(address)
        } catch {
            throw .connectionLost(address)
        }
    }

    /// Sends a command; an error reply is thrown as `refused`.
    public func command(_ name: String, _ arguments: [[UInt8]] = []) async throws(ClientError) -> RESPReply {
        let reply = try await send([[UInt8](name.utf8)] + arguments)
        if case .error(let text) = reply { throw .refused(text) }
        return reply
    }

    /// Closes; unanswered commands fail.
    public func close() async {
        try? await channel.close().get()
    }
}

/// The reply's time is up.
private struct NoAnswer: Error {}

/// The text of a system error without the name of the failing call's wrapper.
enum IOErrorText {
    static func of(_ error: IOError) -> String {
        String(cString: strerror(error.errnoCode))
    }
}

/// A command on its way out, and where its reply goes.
private struct PendingCommand: Sendable {
    var bytes: ByteBuffer
    var reply: EventLoopPromise<RESPReply>
}

/// Pairs replies with commands: both travel in order.
private final class ReplyHandler: ChannelDuplexHandler {
    typealias InboundIn = RESPReply
    typealias OutboundIn = PendingCommand
    typealias OutboundOut = ByteBuffer

    private var waiting = CircularBuffer<EventLoopPromise<RESPReply>>()
    private var isClosed = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let command = unwrapOutboundIn(data)
        guard !isClosed else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        waiting.append(command.reply)
        context.write(wrapOutboundOut(command.bytes), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let reply = unwrapInboundIn(data)
        guard let promise = waiting.popFirst() else {
            // A reply nobody asked for: the two sides no longer agree about the order.
            context.close(promise: nil)
            return
        }
        promise.succeed(reply)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        while let promise = waiting.popFirst() { promise.fail(ChannelError.eof) }
        context.fireChannelInactive()
    }
}
