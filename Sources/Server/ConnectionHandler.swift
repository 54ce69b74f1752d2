import DequeModule
import NIOCore
import RESP

/// Sent into every connection's pipeline when the server shuts down: finish what was received, then close.
enum DrainEvent { case drain }

/// One client's conversation: frames requests, has them run in order, writes the replies.
///
/// Runs on its event loop alone; only batches of requests leave it, one at a time, and their replies come back to it.
/// Input is read only while less than `maximumPendingBytes` waits to be run, and nothing is run while the client does
/// not take its replies: a client can neither fill the memory nor hold up the others.
///
/// Invariant: at most one batch of a connection runs at any time, so replies keep the order of the requests.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of complete requests that may wait before reading stops.
    static let maximumPendingBytes = 4 << 20

    private let executor: CommandExecutor
    private let decoder: NIOSingleStepByteToMessageProcessor<RESPRequestDecoder>
    private var session: Session
    private var pending = Deque<RESPRequest>()
    private var pendingBytes = 0
    private var isRunning = false
    private var isReadHeld = false
    /// Set when nothing more will be read: the peer is done, a protocol error, or the server is draining.
    private var isInputOver = false
    private var protocolError: RESPProtocolError?
    private var isClosed = false

    init(id: Int, executor: CommandExecutor, limits: RESPLimits) {
        self.executor = executor
        session = Session(id: id)
        decoder = NIOSingleStepByteToMessageProcessor(RESPRequestDecoder(limits: limits))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isInputOver else { return }
        do {
            try decoder.process(buffer: unwrapInboundIn(data)) { request in
                pending.append(request)
                pendingBytes += request.wireBytes
            }
        } catch {
            protocolError = error as? RESPProtocolError ?? RESPProtocolError("unreadable request")
            isInputOver = true
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        advance(context)
        context.fireChannelReadComplete()
    }

    /// Back-pressure: the channel asks before each read.
    func read(context: ChannelHandlerContext) {
        if pendingBytes >= Self.maximumPendingBytes {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        advance(context)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed, is DrainEvent:
            isInputOver = true
            advance(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The peer reset the connection, or the system failed: there is nobody to tell.
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        pending.removeAll()
        context.fireChannelInactive()
    }

    /// Does what can be done now: runs what waits, or closes when all is done.
    private func advance(_ context: ChannelHandlerContext) {
        var replies = context.channel.allocator.buffer(capacity: 0)
        while !isRunning, !isClosed, !session.isEnding, context.channel.isWritable, let request = pending.first {
            if executor.runsInline(request) {
                executor.run(take(), &session, into: &replies)
            } else {
                let batch = nextBatch()
                if !submit(batch, context) {
                    for _ in batch { executor.refuse(session, into: &replies) }
                }
            }
            // Small replies travel together, but not without bound.
            if replies.readableBytes >= CommandExecutor.batchBytes { flush(&replies, context) }
        }
        let isDone = session.isEnding || (isInputOver && pending.isEmpty)
        if isDone, !isRunning, let error = protocolError, !session.isEnding {
            replies.writeRESP(.error("ERR \(error)"), session.version)
            protocolError = nil
        }
        flush(&replies, context)
        if isDone, !isRunning, !isClosed {
            isClosed = true
            // Closes once everything written before is out.
            context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(capacity: 0)), promise: nil)
            context.close(promise: nil)
        } else if isReadHeld, pendingBytes < Self.maximumPendingBytes {
            isReadHeld = false
            context.read()
        }
    }

    private func flush(_ replies: inout ByteBuffer, _ context: ChannelHandlerContext) {
        guard replies.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(replies), promise: nil)
        replies = context.channel.allocator.buffer(capacity: 0)
    }

    private func take() -> RESPRequest {
        let request = pending.removeFirst()
        pendingBytes -= request.wireBytes
        return request
    }

    private func nextBatch() -> [RESPRequest] {
        var batch = [take()]
        var bytes = batch[0].wireBytes
        while batch.count < CommandExecutor.batchRequests, bytes < CommandExecutor.batchBytes, !pending.isEmpty {
            batch.append(take())
            bytes += batch[batch.count - 1].wireBytes
        }
        return batch
    }

    private func submit(_ batch: [RESPRequest], _ context: ChannelHandlerContext) -> Bool {
        let home = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        isRunning = executor.submit(batch, session, allocator: context.channel.allocator) { replies, session in
            eventLoop.execute {
                let (handler, context) = home.value
                handler.finished(replies, session, context)
            }
        }
        return isRunning
    }

    private func finished(_ replies: ByteBuffer, _ session: Session, _ context: ChannelHandlerContext) {
        isRunning = false
        self.session = session
        guard !isClosed else { return }
        context.writeAndFlush(wrapOutboundOut(replies), promise: nil)
        advance(context)
    }
}
