import DequeModule
import NIOCore
import RESP

/// Sent into every connection's pipeline when the server shuts down: finish what was received, then close.
enum DrainEvent { case drain }

/// One client's conversation: frames requests, has them run in order, writes the replies.
///
/// Runs on its event loop alone; only batches of requests leave it, one at a time, and their replies come back to it.
/// Input is read only while less than `maximumPendingBytes` waits to be run, and nothing is run while the client does
/// not take its replies: a client can neither fill the memory nor hold up the others. What all connections hold
/// together has a limit too (`ReceiveBudget`).
///
/// **The end.** However a conversation ends (QUIT, end of input, a protocol error, shutdown), the replies written before
/// are sent first: the output is closed when they are out, and the connection when the client has closed its side or
/// `lingerLimit` has passed. Closing at once would discard what is still to be sent, and closing with unread input
/// makes the system reset the connection, which discards it at the client.
///
/// Invariant: at most one batch of a connection runs at any time, so replies keep the order of the requests.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of complete requests that may wait before reading stops.
    static let maximumPendingBytes = 4 << 20
    /// How long a client that has been told everything may keep its side open.
    static let lingerLimit = TimeAmount.seconds(1)

    /// From talking to gone.
    private enum Phase {
        /// Requests are read and run.
        case open
        /// Nothing more is read; what was received is run.
        case draining
        /// Everything is run and written; it is being sent.
        case ending
        case closed
    }

    private let executor: CommandExecutor
    private let decoder: NIOSingleStepByteToMessageProcessor<RESPRequestDecoder>
    private let budget: ReceiveBudget
    private var session: Session
    private var phase = Phase.open
    private var pending = Deque<RESPRequest>()
    private var pendingBytes = 0
    private var runningBytes = 0
    /// What this connection has reported to the budget.
    private var reportedBytes = 0
    private var isRunning = false
    private var isReadHeld = false
    private var isInputClosed = false
    /// Told to the client when all before it is answered.
    private var parting: RESPReply?

    init(id: Int, executor: CommandExecutor, limits: RESPLimits, budget: ReceiveBudget) {
        self.executor = executor
        self.budget = budget
        session = Session(id: id)
        decoder = NIOSingleStepByteToMessageProcessor(RESPRequestDecoder(limits: limits))
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After the end of the conversation what still comes is read, so that it is not unread, and dropped.
        guard phase == .open else { return }
        do {
            try decoder.process(buffer: unwrapInboundIn(data)) { request in
                guard phase == .open else { return }
                if Self.isFromABrowser(request) {
                    // A page that a user visits can make the browser send a form here, with commands in its body.
                    // Nothing of it is run or answered.
                    context.close(promise: nil)
                    phase = .closed
                    return
                }
                pending.append(request)
                pendingBytes += request.heldBytes
            }
        } catch {
            parting = .error("ERR \(error as? RESPProtocolError ?? RESPProtocolError("unreadable request"))")
            phase = .draining
        }
        if !report(), phase == .open {
            parting = .error("BUSY the server is receiving too much at once; try again shortly")
            phase = .draining
        }
    }

    private static func isFromABrowser(_ request: RESPRequest) -> Bool {
        let words = Words(request.words)
        return words.matches(0, "POST") || words.matches(0, "HOST:")
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        advance(context)
        context.fireChannelReadComplete()
    }

    /// Back-pressure: the channel asks before each read.
    func read(context: ChannelHandlerContext) {
        if pendingBytes >= Self.maximumPendingBytes, phase == .open {
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
        case ChannelEvent.inputClosed:
            isInputClosed = true
            if phase == .ending {
                context.close(promise: nil)
            } else {
                startDraining(context)
            }
        case is DrainEvent: startDraining(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The peer reset the connection, or the system failed: there is nobody to tell.
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        pending.removeAll()
        pendingBytes = 0
        _ = report()
        context.fireChannelInactive()
    }

    /// Tells the budget what is held now; false when all connections together hold too much and this one its part.
    private func report() -> Bool {
        let held = phase == .closed ? 0 : decoder.unprocessedBytes + pendingBytes + runningBytes
        defer { reportedBytes = held }
        return budget.change(from: reportedBytes, to: held)
    }

    private func startDraining(_ context: ChannelHandlerContext) {
        if phase == .open { phase = .draining }
        advance(context)
    }

    // MARK: Work

    /// Does what can be done now: runs what waits, or ends the conversation when all is done.
    private func advance(_ context: ChannelHandlerContext) {
        guard phase == .open || phase == .draining else { return }
        var replies = context.channel.allocator.buffer(capacity: 0)
        while !isRunning, !session.isEnding, context.channel.isWritable, let request = pending.first {
            if executor.runsInline(request) {
                executor.run(take(), &session, into: &replies)
            } else {
                start(nextBatch(), context)
                if !isRunning {
                    // No room for the first one. Those behind it may be of another kind, and get their own answer.
                    _ = take()
                    executor.refuse(session, into: &replies)
                }
            }
            // Small replies travel together, but not without bound.
            if replies.readableBytes >= CommandExecutor.batchBytes { flush(&replies, context) }
        }
        let isDone = !isRunning && (session.isEnding || (phase == .draining && pending.isEmpty))
        if isDone, let parting, !session.isEnding { replies.writeRESP(parting, session.version) }
        flush(&replies, context)
        _ = report()
        if isDone {
            end(context)
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
        pendingBytes -= request.heldBytes
        return request
    }

    private func nextBatch() -> [RESPRequest] {
        var bytes = 0
        return Array(
            pending.prefix(CommandExecutor.batchRequests).prefix { request in
                defer { bytes += request.wireBytes }
                return bytes < CommandExecutor.batchBytes
            })
    }

    /// Hands the requests at the front to the pool; they stay where they are when it has no room.
    private func start(_ batch: [RESPRequest], _ context: ChannelHandlerContext) {
        let home = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        isRunning = executor.submit(batch, session, allocator: context.channel.allocator) { finished in
            eventLoop.execute {
                let (handler, context) = home.value
                handler.finish(finished, context)
            }
        }
        if isRunning {
            for _ in batch { runningBytes += take().heldBytes }
        }
    }

    private func finish(_ finished: CommandExecutor.Finished, _ context: ChannelHandlerContext) {
        isRunning = false
        runningBytes = 0
        session = finished.session
        guard phase != .closed else { return }
        for request in finished.rest.reversed() {
            pending.prepend(request)
            pendingBytes += request.heldBytes
        }
        context.writeAndFlush(wrapOutboundOut(finished.replies), promise: nil)
        advance(context)
    }

    // MARK: The end

    private func end(_ context: ChannelHandlerContext) {
        phase = .ending
        let home = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let sent = context.eventLoop.makePromise(of: Void.self)
        // Writes are sent in order: this empty one is through when all before it are.
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(capacity: 0)), promise: sent)
        sent.futureResult.whenComplete { _ in
            let (handler, context) = home.value
            handler.closeOutput(context)
        }
    }

    private func closeOutput(_ context: ChannelHandlerContext) {
        guard phase == .ending, !isInputClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.lingerLimit) { channel.close(promise: nil) }
        context.read()
    }
}
