import NeuralNetwork
import Synchronization

/// Sessions of one network, each used by one thread at a time. There come to be as many as were ever in use at once;
/// once they are there, using one takes no memory.
final class SessionPool: Sendable {
    /// A session with its input and output.
    ///
    /// Thread-safety: used only by the thread that has taken it out of the pool, which is why the unchecked conformance
    /// holds.
    final class Seat: @unchecked Sendable {
        let session: NetworkSession
        let input: UnsafeMutableBufferPointer<Float>
        let output: UnsafeMutableBufferPointer<Float>

        fileprivate init(_ network: Network) {
            session = network.makeSession()
            input = .allocate(capacity: network.inputHeight * network.inputWidth * network.inputChannels)
            input.initialize(repeating: 0)
            output = .allocate(capacity: network.outputCount)
            output.initialize(repeating: 0)
        }

        deinit {
            input.deallocate()
            output.deallocate()
        }

        /// Computes the output for what is in the input.
        func run() { session.run(UnsafeBufferPointer(input), into: output) }
    }

    private let network: Network
    private let idle = Mutex<[Seat]>([])

    init(_ network: Network) { self.network = network }

    /// Lends a seat that nobody else has.
    func withSeat<Result>(_ body: (Seat) -> Result) -> Result {
        let seat = idle.withLock { $0.popLast() } ?? Seat(network)
        defer { idle.withLock { $0.append(seat) } }
        return body(seat)
    }
}
